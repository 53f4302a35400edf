import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { planOutcomeUnits } from './live-outcomes.ts';

const manifest = makeManifest();
const near: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.61, granularity: 'per-output' }] };

/** From which shipped recipes the planned repairs come. */
function toOrigins(repairs: typeof manifest.repairs, isShuffled: boolean): readonly string[] {
  const units = planOutcomeUnits(near, { ...manifest, repairs }).filter((unit) => unit.isShuffled === isShuffled);
  const ids = units.flatMap(({ regime: { recovery } }) => ('repairId' in recovery ? [recovery.repairId] : []));
  return [...new Set(ids.map((id) => repairs.find((each) => each.id === id)?.recipeId ?? ''))];
}

test('a recipe between shipped ones borrows repairs and those with shuffled answers of the same one', () => {
  const [mild] = toOrigins(manifest.repairs, false);
  expect(toOrigins(manifest.repairs, true)).toEqual([mild]);
});

test('a repair is held against no null that was trained for another recipe', () => {
  const [mild] = toOrigins(manifest.repairs, false);
  const elsewhere = manifest.repairs.map((repair) =>
    repair.shuffledAnswers && repair.recipeId === mild ? { ...repair, recipeId: 'rtn-severe' } : repair,
  );
  expect(toOrigins(elsewhere, false)).toEqual([mild]);
  expect(toOrigins(elsewhere, true)).toEqual([]);
});
