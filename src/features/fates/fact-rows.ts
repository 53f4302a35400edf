import type { Fact, Relation } from '../../core/eval/fact.ts';
import type { Fate } from '../../core/eval/fates.ts';
import type { FactRole } from '../../state/fates-state.ts';
import { keepPer } from '../../state/keep-per.ts';
import {
  findRegime,
  type OutcomeFact,
  type OutcomeSet,
  type RegimeOutcomes,
  toFates,
  toForms,
} from '../../state/outcome-set.ts';
import { TRAINED_KEYS, type TrainedKey } from '../../state/regimes.ts';

/** What a regime did with a fact: right or wrong per question form, and the mean probability of the right answer. */
export interface FactFigures {
  role: FactRole;
  forms: readonly (boolean | null)[];
  /** Null where it was not kept. */
  probability: number | null;
}

/** A fact of the map under the chosen type of repair. */
export interface FactRow {
  fact: Fact;
  relation: Relation;
  fate: Fate;
  planned: OutcomeFact;
  /** Place in the plan of the set. */
  index: number;
}

/** Facts of both folds that have a fate, grouped by relation in the order of the task, relations of a domain together; once of a set. */
export const toFactRows = keepPer(
  (set: OutcomeSet, key: TrainedKey, relations: ReadonlyMap<string, Relation>): readonly FactRow[] => {
    const fates = toFates(set, key);
    const rows = set.plan.facts.flatMap((planned, index): FactRow[] => {
      const { fact } = planned;
      const relation = relations.get(fact.relation);
      const fate = fates.get(fact.id);
      return relation === undefined || fate === undefined ? [] : [{ fact, relation, fate, planned, index }];
    });
    const order = [...relations.values()];
    const domains = [...new Set(order.map(({ domain }) => domain))];
    const grouped = domains.flatMap((domain) => order.filter((relation) => relation.domain === domain));
    const ranks = new Map(grouped.map(({ id }, rank) => [id, rank]));
    return rows.sort((a, b) => (ranks.get(a.relation.id) ?? 0) - (ranks.get(b.relation.id) ?? 0) || a.index - b.index);
  },
);

/** The rows of each relation, counted, in their order. */
export function toGroups(rows: readonly FactRow[]): readonly { relation: Relation; count: number }[] {
  const counts = new Map<Relation, number>();
  for (const { relation } of rows) counts.set(relation, (counts.get(relation) ?? 0) + 1);
  return [...counts].map(([relation, count]) => ({ relation, count }));
}

/** What the four regimes that decide a fact's fate did with it. */
export function toFigures(set: OutcomeSet, key: TrainedKey, { planned, index }: FactRow): readonly FactFigures[] {
  const seen = planned.fact.fold === 'A' ? 'A' : 'B';
  const places: readonly [FactRole, RegimeOutcomes | undefined][] = [
    ['dense', findRegime(set.regimes, 'dense', null)],
    ['variant', findRegime(set.regimes, 'compressed', null)],
    ['heldOut', findRegime(set.regimes, key, seen === 'A' ? 'B' : 'A')],
    ['seen', findRegime(set.regimes, key, seen)],
  ];
  return places.flatMap(([role, regime]) => {
    if (regime === undefined) return [];
    const probability = regime.probabilities?.[index] ?? Number.NaN;
    const forms = toForms(regime, planned);
    return [{ role, forms, probability: Number.isFinite(probability) ? probability : null }];
  });
}

/** Types of repair of which a set has both twins. */
export function toKeys({ regimes }: OutcomeSet): readonly TrainedKey[] {
  return TRAINED_KEYS.filter((key) => findRegime(regimes, key, 'A') && findRegime(regimes, key, 'B'));
}
