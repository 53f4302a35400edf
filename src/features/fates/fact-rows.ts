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
import { TRAINED_KEYS, type TrainedKey, type TwinFold } from '../../state/regimes.ts';

/** What a regime did with a fact: right or wrong per question form, and the mean probability of the right answer. */
export interface FactFigures {
  role: FactRole;
  forms: readonly (boolean | null)[];
  /** Null where it was not kept. */
  probability: number | null;
  /** Its repair was trained for another recipe. */
  isTransferred: boolean;
}

/** What one regime, or both twins of a repair, did with a fact. */
export interface FactLine {
  key: RegimeOutcomes['key'];
  /** The model alone; of a repair first the twin that never saw the fact, then the one that saw it. Null where one is not there. */
  parts: readonly (FactFigures | null)[];
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
export function toFigures(set: OutcomeSet, key: TrainedKey, row: FactRow): readonly FactFigures[] {
  const parts = [toLine(set, 'dense', row), toLine(set, 'compressed', row), toLine(set, key, row)].flatMap(
    (line) => line.parts,
  );
  return parts.filter((part) => part !== null);
}

/** What every regime of a set did with a fact: the model alone, then the repairs, the chosen type first. */
export function toLines(set: OutcomeSet, chosen: TrainedKey, row: FactRow): readonly FactLine[] {
  const keys = ['dense', 'compressed', chosen, ...TRAINED_KEYS.filter((key) => key !== chosen)] as const;
  return keys.map((key) => toLine(set, key, row)).filter(({ parts }) => parts.some((part) => part !== null));
}

function toLine({ regimes }: OutcomeSet, key: RegimeOutcomes['key'], row: FactRow): FactLine {
  const toPart = (role: FactRole, fold: TwinFold | null) => {
    const regime = findRegime(regimes, key, fold);
    return regime === undefined ? null : toPartFigures(role, regime, row);
  };
  if (key === 'dense') return { key, parts: [toPart('dense', null)] };
  if (key === 'compressed') return { key, parts: [toPart('variant', null)] };
  const [seen, heldOut] = row.fact.fold === 'A' ? (['A', 'B'] as const) : (['B', 'A'] as const);
  return { key, parts: [toPart('heldOut', heldOut), toPart('seen', seen)] };
}

function toPartFigures(role: FactRole, regime: RegimeOutcomes, { planned, index }: FactRow): FactFigures {
  const probability = regime.probabilities?.[index] ?? Number.NaN;
  return {
    role,
    forms: toForms(regime, planned),
    probability: Number.isFinite(probability) ? probability : null,
    isTransferred: regime.isTransferred,
  };
}

/** Types of repair of which a set has both twins. */
export function toKeys({ regimes }: OutcomeSet): readonly TrainedKey[] {
  return TRAINED_KEYS.filter((key) => findRegime(regimes, key, 'A') && findRegime(regimes, key, 'B'));
}
