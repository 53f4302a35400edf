import { comparePacked, comparePackedExploratory, PACKED, type PackedRegime } from '../core/eval/packed-comparison.ts';
import { seededRandom } from '../core/random.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { ComparisonSet, PickedSides } from '../state/comparisons-state.ts';
import { makeResultSet } from './make-results.ts';

export interface ComparisonSetOptions {
  items?: number;
  presetItems?: number;
  picked?: PickedSides;
  kind?: ComparisonSet['source']['kind'];
}

/** Comparisons of invented answers: the prompt helps a little, IDP hardly, LoRA much and more on facts that it saw. */
export function makeComparisonSet({
  items = 200,
  presetItems = 200,
  picked,
  kind = 'live',
}: ComparisonSetOptions = {}): ComparisonSet {
  const random = seededRandom(5);
  const before = Array.from({ length: items }, () => random.uniform() < 0.6);
  const answer = (mended: number, broken: number) =>
    Uint8Array.from(before, (was) => {
      const isRight = random.uniform() < (was ? broken : mended) ? !was : was;
      return isRight ? PACKED.right : PACKED.wrong;
    });
  const nobody = new Uint8Array(items).fill(PACKED.notAnswered);
  const repaired = (key: RegimeKey, mended: number, mendedSeen: number): PackedRegime => ({
    key,
    heldOut: answer(mended, 0.02),
    seen: answer(mendedSeen, 0.02),
  });
  const regimes: readonly PackedRegime[] = [
    { key: 'dense', heldOut: answer(0.98, 0), seen: nobody },
    { key: 'compressed', heldOut: answer(0, 0), seen: nobody },
    repaired('prompt', 0.3, 0.3),
    repaired('idp', 0.04, 0.06),
    repaired('lora-merged', 0.5, 0.95),
  ];
  const subjects = Int32Array.from(before, (_, i) => Math.floor(i / 2));
  const options = { resamples: 200 };
  const input = { subjects, regimes, presetItems };
  const { source, recipe } = makeResultSet();
  return {
    source: { ...source, kind },
    recipe,
    presetItems,
    isPresetKept: true,
    availableItems: 9000,
    sides: regimes.flatMap(({ key, seen }) => [
      { key, exposure: 'held-out' } as const,
      ...(seen === nobody ? [] : [{ key, exposure: 'seen' } as const]),
    ]),
    otherSides: [],
    declared: comparePacked(input, options),
    exploratory: picked === undefined ? null : comparePackedExploratory(input, ...picked, options),
    picked: picked ?? null,
    plannedDifference: null,
  };
}
