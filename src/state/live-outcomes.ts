import type { Recipe } from '../core/compress/recipe.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { seededRandom, shuffled } from '../core/random.ts';
import { type PlannedItem, type PlannedUnit, planUnits } from './evaluation-plan.ts';
import type { OutcomePlan, OutcomeSet, RegimeOutcomes } from './outcome-set.ts';
import { toPlannedAnswers } from './planned-answers.ts';
import { TRAINED_KEYS, type TwinFold, toRegimePlan, toShuffledPlan } from './regimes.ts';
import { type ResultBook, toResultSource } from './result-book.ts';

/** A regime whose answers decide fates. */
export interface OutcomeUnit extends PlannedUnit {
  key: RegimeOutcomes['key'];
  isShuffled: boolean;
}

const FOLDS: readonly TwinFold[] = ['A', 'B'];

/**
 * Everything that fates are told by: dense, the variant, both twins of every repair, and those trained on shuffled answers. A recipe that
 * repairs were trained for is asked with these alone; any other with those of the nearest recipe.
 */
export function planOutcomeUnits(recipe: Recipe, manifest: PackManifest): OutcomeUnit[] {
  const units: OutcomeUnit[] = planUnits(TRAINED_KEYS, recipe, manifest, '').flatMap((unit) =>
    isOutcomeKey(unit.key) ? [{ ...unit, key: unit.key, isShuffled: false }] : [],
  );
  for (const key of TRAINED_KEYS) {
    for (const fold of FOLDS) {
      const context = { recipe, manifest, fold, textPrompt: '' };
      const { regime, repair, transferred } = toShuffledPlan(key, context);
      // A null of another recipe than the repair's own would be held against other damage.
      const isOfSame = repair?.recipeId === toRegimePlan(key, context).repair?.recipeId;
      if (regime === null || repair?.fold !== fold || !isOfSame) continue;
      units.push({ key, fold, regime, isTransferred: transferred, isShuffled: true });
    }
  }
  const hasOwn = units.some(({ fold, isTransferred }) => fold !== null && !isTransferred);
  return hasOwn ? units.filter(({ isTransferred }) => !isTransferred) : units;
}

function isOutcomeKey(key: string): key is RegimeOutcomes['key'] {
  return key === 'dense' || key === 'compressed' || TRAINED_KEYS.some((each) => each === key);
}

/** What a device answered so far; null where it was asked nothing of the recipe. */
export function toLiveOutcomes(
  book: ResultBook,
  recipe: Recipe,
  units: readonly OutcomeUnit[],
  plan: OutcomePlan,
): OutcomeSet | null {
  const regimes = units.flatMap(({ key, fold, isShuffled, isTransferred, regime }) => {
    const known = book.outcomes.get(regime.id);
    if (known === undefined || known.size === 0) return [];
    return [{ key, fold, isShuffled, isTransferred, ...toPlannedAnswers(known, plan) }];
  });
  // Dense alone belongs to every recipe: it says nothing of this one.
  if (regimes.every(({ key }) => key === 'dense')) return null;
  return { source: toResultSource(book), recipe, plan, regimes };
}

/** One order for everyone, so that what was asked in an earlier visit is found again. */
const SEED = 20_231;

/** The order in which a run asks: facts at random, each in all its forms at once, since a fate hangs on all of them. */
export function toRunOrder({ facts, items }: OutcomePlan): PlannedItem[] {
  return shuffled(facts, seededRandom(SEED)).flatMap(({ firstItem, forms }) =>
    items.slice(firstItem, firstItem + forms),
  );
}
