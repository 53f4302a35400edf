import { AXIS_OF } from '../../core/compress/levels.ts';
import { DAMAGED_FATES, type DamagedFate } from '../../core/eval/fates.ts';
import type { SubjectEstimate } from '../../core/eval/outcomes.ts';
import type { DosePoint, DoseShares } from '../../state/fates-state.ts';
import { TRAINED_KEYS, type TrainedKey } from '../../state/regimes.ts';
import { type FigureExport, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { toColumnAxis, toLinearAxis, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatBrackets, formatCount, formatPoints, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toShareCells, toShareColumns, toText } from './fate-tables.ts';

interface Dose extends DosePoint {
  damage: SubjectEstimate;
}

/** Every recipe under every type of repair. */
function toFound(points: readonly DosePoint[]): readonly { dose: Dose; shares: DoseShares }[] {
  return toDoses(points).flatMap((dose) => dose.shares.map((shares) => ({ dose, shares })));
}

/** Recipes that have a damage, from the least to the most. */
export function toDoses(points: readonly DosePoint[]): readonly Dose[] {
  return points
    .flatMap((point): Dose[] => (point.damage === null ? [] : [{ ...point, damage: point.damage }]))
    .sort((one, other) => one.damage.value - other.damage.value);
}

/** Whether a recipe rounds weights; the others prune alone. */
function isRounded({ recipe }: DosePoint): boolean {
  return recipe.steps.some(({ method }) => AXIS_OF[method] === 'bits');
}

/**
 * The shares of one fate among lost facts, a column per recipe in the order of what it took, in it a mark per type of repair. No line joins
 * columns: recipes of several methods stand side by side, and are no doses of one.
 */
export function toDosePlot(points: readonly DosePoint[], fate: DamagedFate, keys: readonly TrainedKey[]): XyPlot {
  const doses = toDoses(points);
  return {
    x: toColumnAxis(
      'recipes by their damage, points of accuracy',
      doses.map(({ damage }) => (100 * damage.value).toFixed(0)),
    ),
    y: toLinearAxis('of the lost facts', 0, 1, (value) => formatShare(value, 0)),
    lines: keys.flatMap((key) => {
      const own = doses.flatMap((dose, column) => {
        const share = dose.shares.find((shares) => shares.key === key)?.ofDamaged[fate];
        if (share == null) return [];
        return [
          {
            id: `${dose.recipeId} ${key}`,
            x: column,
            y: { value: share.value, low: share.low, high: share.high, n: share.items },
            name: dose.label,
            details: [`damage ${formatShare(dose.damage.value)} ${formatBrackets(dose.damage)}`],
            isHollow: isRounded(dose),
            isRimmed: false,
            isFaint: false,
          },
        ];
      });
      return own.length === 0 ? [] : [{ key, points: own, path: [] }];
    }),
    reference: null,
    // A line from the last mark to its name would read as one through the columns between.
    hasLeads: false,
    isDodged: true,
    format: formatShare,
  };
}

/** Types of repair that some recipe has, in the order of the board. */
export function toDoseKeys(points: readonly DosePoint[]): readonly TrainedKey[] {
  return TRAINED_KEYS.filter((key) => points.some(({ shares }) => shares.some((each) => each.key === key)));
}

export const DOSE_COLUMNS = [
  'Recipe',
  'Damage',
  'Repair',
  'Lost facts',
  'Displaced',
  'Relearned',
  'Lost',
  'Displaced, shuffled answers',
  'Guessed, control subjects',
] as const;

export function toDoseRows(points: readonly DosePoint[]) {
  return toFound(points).map(({ dose: { recipeId, label, damage }, shares }) => ({
    key: `${recipeId} ${shares.key}`,
    cells: [
      label,
      `${formatPoints(-damage.value)} ${toLoss(damage)}`,
      toRegimeLook(shares.key).label,
      formatCount(shares.damaged),
      ...DAMAGED_FATES.map((fate) => toText(shares.ofDamaged[fate])),
      toText(shares.shuffled),
      toText(shares.control),
    ],
  }));
}

export function toDoseExport(pack: string, points: readonly DosePoint[]): FigureExport {
  const dates = points.map(({ source }) => source.date).sort();
  return {
    pack,
    measure: 'dose',
    date: dates.at(-1) ?? null,
    columns: [
      { name: 'recipe' },
      ...toSubjectColumns('damage', 'share', 'damage: items'),
      { name: 'repair' },
      { name: 'lost facts' },
      ...DAMAGED_FATES.flatMap((fate) => toShareColumns(toFateLook(fate).label)),
      ...toShareColumns('Displaced with shuffled answers'),
      ...toShareColumns('Guessed of control facts'),
    ],
    rows: toFound(points).map(({ dose: { label, damage }, shares }) => [
      label,
      ...toShareCells(damage),
      shares.key,
      shares.damaged,
      ...DAMAGED_FATES.flatMap((fate) => toShareCells(shares.ofDamaged[fate])),
      ...toShareCells(shares.shuffled),
      ...toShareCells(shares.control),
    ]),
  };
}

function toLoss({ low, high }: { low: number; high: number }): string {
  return formatBrackets({ low: -high, high: -low });
}
