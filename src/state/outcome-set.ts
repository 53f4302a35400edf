import type { Recipe } from '../core/compress/recipe.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import {
  type ControlOutcome,
  type FactOutcome,
  type Fate,
  isKnown,
  type TwinAnswers,
  toFactOutcome,
  toFate,
} from '../core/eval/fates.ts';
import { type PlannedItem, toItem } from './evaluation-plan.ts';
import { keepPer } from './keep-per.ts';
import type { TrainedKey, TwinFold } from './regimes.ts';
import type { ResultSource } from './results.ts';

/** A fact that outcomes are kept of, and where its question forms stand among the items. */
export interface OutcomeFact {
  fact: Fact;
  firstItem: number;
  forms: number;
}

/** What is asked of every regime, in an order that never hangs on a run. */
export interface OutcomePlan {
  facts: readonly OutcomeFact[];
  items: readonly PlannedItem[];
}

/** Stands in `RegimeOutcomes.right` for an item that was not asked. */
export const NOT_ASKED = 2;

/** What one regime did with every item of a plan. */
export interface RegimeOutcomes {
  key: 'dense' | 'compressed' | TrainedKey;
  /** The fold that its repair saw; null without a repair. */
  fold: TwinFold | null;
  /** Its repair was trained on shuffled answers. */
  isShuffled: boolean;
  /** Its repair was trained for another recipe. */
  isTransferred: boolean;
  /** 1 right, 0 wrong, or `NOT_ASKED`. */
  right: Uint8Array; // [items]
  /** Mean probability of the right answer over a fact's forms, NaN where one was not asked; null where it was not kept. */
  probabilities: Float32Array | null; // [facts]
}

/** Which questions every regime of a recipe got right, recorded or of this device. */
export interface OutcomeSet {
  source: ResultSource;
  recipe: Recipe;
  plan: OutcomePlan;
  regimes: readonly RegimeOutcomes[];
}

/**
 * Every question of the facts that are evaluated, form by form: folds A and B without their development parts, then the control
 * subjects, each in the order of the task.
 */
export function planOutcomes(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): OutcomePlan {
  const asked = facts.filter(({ fold, dev }) => (fold === 'A' || fold === 'B') && !dev);
  const items: PlannedItem[] = [];
  const planned = [...asked, ...facts.filter(({ fold }) => fold === 'control')].flatMap((fact): OutcomeFact[] => {
    const relation = relations.get(fact.relation);
    if (relation === undefined) return [];
    const firstItem = items.length;
    for (const form of relation.questions.keys()) items.push(toItem(fact, relation, form));
    return [{ fact, firstItem, forms: relation.questions.length }];
  });
  return { facts: planned, items };
}

/** A regime of a set; a repair's twin by the fold that it saw. */
export function findRegime(
  regimes: readonly RegimeOutcomes[],
  key: RegimeOutcomes['key'],
  fold: TwinFold | null,
  isShuffled = false,
): RegimeOutcomes | undefined {
  return regimes.find((each) => each.key === key && each.fold === fold && each.isShuffled === isShuffled);
}

/** The regimes that decide the fates of facts under a type of repair. */
interface FateRegimes {
  dense: RegimeOutcomes;
  variant: RegimeOutcomes;
  twins: Readonly<Record<TwinFold, RegimeOutcomes>>;
}

/**
 * What became of every fact of folds A and B under a type of repair; facts whose forms were not all asked are left out. Like the fates
 * below it is computed once of a set: for thousands of facts and every drawing it would hold the page up.
 */
export function toFactOutcomes(set: OutcomeSet, key: TrainedKey, isShuffled = false): readonly FactOutcome[] {
  return factOutcomesOf(set, key, isShuffled);
}

const factOutcomesOf = keepPer((set: OutcomeSet, key: TrainedKey, isShuffled: boolean): readonly FactOutcome[] => {
  const regimes = toFateRegimes(set, key, isShuffled);
  if (regimes === null) return [];
  return set.plan.facts.flatMap((planned) => {
    const { fact } = planned;
    if (fact.fold !== 'A' && fact.fold !== 'B') return [];
    const forms = toTwinAnswers(regimes, fact.fold, (regime) => toForms(regime, planned));
    return toFactOutcome(fact.id, fact.subject, forms) ?? [];
  });
});

/** The fate of every fact of folds A and B under a type of repair, by its id; empty without both twins. */
export const toFates = keepPer(
  (set: OutcomeSet, key: TrainedKey): ReadonlyMap<string, Fate> =>
    new Map(toFactOutcomes(set, key).map((outcome) => [outcome.factId, toFate(outcome)])),
);

/** What every control fact is under the variant alone and under both twins of a repair. */
export function toControlOutcomes(set: OutcomeSet, key: TrainedKey): ControlOutcome[] {
  const regimes = toFateRegimes(set, key, false);
  if (regimes === null) return [];
  const { variant, twins } = regimes;
  return set.plan.facts.flatMap((planned) => {
    if (planned.fact.fold !== 'control') return [];
    const [alone, a, b] = [variant, twins.A, twins.B].map((regime) => isKnown(toForms(regime, planned)));
    if (alone == null || a == null || b == null) return [];
    return [{ subject: planned.fact.subject, variant: alone, twins: [a, b] }];
  });
}

/** Whether each form of a fact is right under a regime; null for a form that was not asked. */
export function toForms({ right }: RegimeOutcomes, { firstItem, forms }: OutcomeFact): (boolean | null)[] {
  const answers: (boolean | null)[] = [];
  // A plain loop: a view and an array from it for each of 12,000 facts and regimes hold the page up for 25 ms.
  for (let i = firstItem; i < firstItem + forms; i++) answers.push(right[i] === NOT_ASKED ? null : right[i] === 1);
  return answers;
}

function toFateRegimes({ regimes }: OutcomeSet, key: TrainedKey, isShuffled: boolean): FateRegimes | null {
  const dense = findRegime(regimes, 'dense', null);
  const variant = findRegime(regimes, 'compressed', null);
  const A = findRegime(regimes, key, 'A', isShuffled);
  const B = findRegime(regimes, key, 'B', isShuffled);
  return dense && variant && A && B ? { dense, variant, twins: { A, B } } : null;
}

function toTwinAnswers<T>(
  { dense, variant, twins }: FateRegimes,
  seenFold: TwinFold,
  toAnswer: (regime: RegimeOutcomes) => T,
): TwinAnswers<T> {
  return {
    dense: toAnswer(dense),
    variant: toAnswer(variant),
    heldOut: toAnswer(twins[seenFold === 'A' ? 'B' : 'A']),
    seen: toAnswer(twins[seenFold]),
  };
}
