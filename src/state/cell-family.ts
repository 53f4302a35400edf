import type { Side } from '../core/eval/comparisons.ts';
import { PACKED, toSubjectNumbers } from '../core/eval/packed-comparison.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import { toMapKey } from './sweep-plan.ts';
import type { CellFamily, SweepResults } from './sweep-state.ts';

export interface CellOrder extends Pick<SweepResults, 'items' | 'points' | 'sensitivity'> {
  /** How many items there are to ask. */
  availableItems: number;
  /** Items that the comparisons wait for, by the `toMapKey` of the map's recipe. */
  presetOf: (key: string) => number;
  precision: Precision;
}

/** What compression takes, of a cell as of a whole recipe. */
const DAMAGE: readonly [Side, Side] = [
  { key: 'compressed', exposure: 'held-out' },
  { key: 'dense', exposure: 'held-out' },
];

/** Every cell of a sensitivity map against the dense model, computed in the statistics worker; null without a map. */
export async function compareCells(statistics: Statistics, order: CellOrder): Promise<CellFamily | null> {
  const { items, sensitivity, availableItems, presetOf, precision } = order;
  if (sensitivity === null) return null;
  const seen = new Uint8Array(items.length).fill(PACKED.notAnswered);
  const dense = { key: 'dense', heldOut: toDense(order) ?? seen, seen } as const;
  const presetItems = presetOf(toMapKey(sensitivity.recipe));
  const { length: size } = sensitivity.cells;
  const input = {
    subjects: toSubjectNumbers(items.map(({ fact }) => fact)),
    recipes: sensitivity.cells.map(({ right: heldOut }) => {
      return { presetItems, pair: DAMAGE, regimes: [{ key: 'compressed', heldOut, seen } as const, dense] };
    }),
    familySize: size,
  };
  const compared = await statistics.compute('comparePackedFamily', input, { resamples: RESAMPLES[precision] });
  return { size, presetItems, availableItems, comparisons: compared.map(([comparison = null]) => comparison) };
}

/** What `compareCells` is made of; another order with equal entries comes to the same. */
export function toCellMark(order: CellOrder): readonly unknown[] {
  const { sensitivity, availableItems, presetOf, precision } = order;
  if (sensitivity === null) return [];
  const { recipe, cells } = sensitivity;
  return [
    recipe,
    precision,
    availableItems,
    presetOf(toMapKey(recipe)),
    toDense(order),
    ...cells.map(({ right }) => right),
  ];
}

/** The answers of the dense model; null where it was not measured. */
function toDense({ points }: CellOrder): Uint8Array | null {
  return points.find(({ recipe }) => recipe === null)?.right ?? null;
}
