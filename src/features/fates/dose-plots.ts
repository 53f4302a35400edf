import { AXIS_OF } from '../../core/compress/levels.ts';
import { DAMAGED_FATES, type DamagedFate } from '../../core/eval/fates.ts';
import type { DosePoint, DoseShares } from '../../state/fates-state.ts';
import { TRAINED_KEYS, type TrainedKey } from '../../state/regimes.ts';
import { type FigureExport, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { toLinearAxis, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatBrackets, formatCount, formatPoints, formatShare, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toShareCells, toShareColumns, toText } from './fate-tables.ts';

interface Found {
  point: DosePoint;
  shares: DoseShares;
  damage: number;
}

/** Every recipe under every type of repair, from the least damage to the most. */
function toFound(points: readonly DosePoint[]): readonly Found[] {
  return points
    .flatMap((point) => {
      const damage = point.damage?.value;
      return damage === undefined ? [] : point.shares.map((shares) => ({ point, shares, damage }));
    })
    .sort((one, other) => one.damage - other.damage);
}

/** Whether a recipe rounds weights; the others prune alone. */
function isRounded({ recipe }: DosePoint): boolean {
  return recipe.steps.some(({ method }) => AXIS_OF[method] === 'bits');
}

/**
 * The shares of one fate among lost facts, against what compression took, a mark per recipe and type of repair. No line joins them: recipes
 * of several methods lie side by side, and are no doses of one.
 */
export function toDosePlot(points: readonly DosePoint[], fate: DamagedFate, keys: readonly TrainedKey[]): XyPlot {
  const found = toFound(points);
  const most = Math.max(0.1, ...found.map(({ damage }) => damage));
  return {
    x: toLinearAxis('damage: accuracy lost', 0, 1.08 * most, (value) => formatShare(value, 0)),
    y: toLinearAxis('of the lost facts', 0, 1, (value) => formatShare(value, 0)),
    lines: keys.flatMap((key) => {
      const own = found.flatMap(({ point, shares, damage }) => {
        const share = shares.key === key ? shares.ofDamaged[fate] : null;
        if (share === null) return [];
        return [
          {
            id: `${point.recipeId} ${key}`,
            x: damage,
            y: { value: share.value, low: share.low, high: share.high, n: share.items },
            name: point.label,
            details: [
              `damage ${formatShare(damage)}${point.damage === null ? '' : ` ${formatBrackets(point.damage)}`}`,
            ],
            isHollow: isRounded(point),
            isRimmed: false,
            isFaint: false,
          },
        ];
      });
      if (own.length === 0) return [];
      return [{ key, points: own, path: [] }];
    }),
    reference: null,
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
  return toFound(points).map(({ point: { recipeId, label, damage }, shares }) => ({
    key: `${recipeId} ${shares.key}`,
    cells: [
      label,
      damage === null ? UNKNOWN : `${formatPoints(-damage.value)} ${toLoss(damage)}`,
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
    rows: toFound(points).map(({ point, shares }) => [
      point.label,
      ...toShareCells(point.damage),
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
