import { AXIS_OF, isLevel, METHOD_IDS, toStep } from '../../core/compress/levels.ts';
import { levelsOf } from '../../core/compress/matrix-level.ts';
import { METHODS } from '../../core/compress/methods.ts';
import type { MethodId } from '../../core/compress/recipe.ts';
import { isSameRecipe, toRecipeKey } from '../../core/compress/recipe-key.ts';
import { REGIME_KEYS } from '../../core/recover/regime.ts';
import type { SweepPoint } from '../../state/sweep-state.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import { toExtent } from '../../ui/charts/scale.ts';
import { toColumnAxis, toLinearAxis, type XyAxis, type XyLine, type XyPlot } from '../../ui/charts/xy-plot.ts';
import { formatShare } from '../../ui/format.ts';
import { PAIRED_COLUMNS, toPairedCells } from '../../ui/paired-columns.ts';
import { MEASURES, type Measure } from './measures.ts';
import type { SourcedPoint } from './merge-results.ts';
import { PAIRED_HEADINGS } from './paired-words.ts';
import { isDense, POINT_COLUMNS, toLatestDate, toPointCells, toXyPoint } from './point-words.ts';

/** One measure over the levels of one method. */
export interface LevelPlot {
  method: MethodId;
  label: string;
  plot: XyPlot;
}

/** Room beside the first and the last sparsity, so that marks do not lie on the axis. */
const SPARSITY_PADDING = 0.03;

/** A plot per method that has points; all with the same axes, so that they can be held against each other. */
export function toLevelPlots(points: readonly SourcedPoint[], measure: Measure): readonly LevelPlot[] {
  const y = measure.toAxis(points.flatMap((point) => measure.read(point) ?? []));
  const dense = points.find(isDense);
  const estimate = dense === undefined ? null : measure.read(dense);
  const reference = estimate === null ? null : ({ key: 'dense', y: estimate } as const);
  return METHOD_IDS.flatMap((method) => {
    const own = points.filter((point) => point.method === method);
    if (own.length === 0) return [];
    const { x, toPlace } = toLevelsAxis(method, points);
    const lines = REGIME_KEYS.flatMap((key): readonly XyLine[] => {
      const line = own
        .filter(({ regime }) => regime === key)
        .map((point) => ({ point, place: toPlace(point) }))
        .sort((one, other) => one.place - other.place);
      const isAccuracy = measure.id === 'accuracy';
      const marks = line.flatMap(({ point, place }) =>
        toXyPoint(point, { x: place, y: measure.read(point), points, isAccuracy }),
      );
      if (marks.length === 0) return [];
      const path = line.flatMap(({ point, place }) => {
        const value = measure.read(point)?.value;
        return value === undefined || !isLevelAlone(point) ? [] : [{ x: place, y: value }];
      });
      return [{ key, points: marks, path }];
    });
    const plot: XyPlot = { x, y, lines, reference, isDodged: true, format: measure.format };
    return [{ method, label: METHODS[method].label, plot }];
  });
}

/** Whether the recipe is its method at a level with all other options as the sweep has them: a line joins those. */
function isLevelAlone({ recipe, method, level }: SweepPoint): boolean {
  if (method === null || level === null || !isLevel(method, level)) return false;
  return isSameRecipe(recipe, { version: 1, steps: [toStep(method, level)] });
}

interface LevelsAxis {
  x: XyAxis;
  /** Where a point of the method stands along it. */
  toPlace: (point: SweepPoint) => number;
}

/** Stronger compression to the right: sparsity and shares rise, bits fall. All methods of a kind share it. */
function toLevelsAxis(method: MethodId, points: readonly SweepPoint[]): LevelsAxis {
  const axis = AXIS_OF[method];
  const ofKind = points.filter((point) => point.method !== null && AXIS_OF[point.method] === axis);
  if (axis === 'bits') return toBitsAxis(method, ofKind);
  const { least, most } = toExtent(ofKind.flatMap(({ level }) => level ?? [])) ?? { least: 0, most: 1 };
  const [from, to] = [least - SPARSITY_PADDING, most + SPARSITY_PADDING];
  const title = axis === 'share' ? 'share of units removed' : axis;
  return { x: toLinearAxis(title, from, to, (value) => formatShare(value, 0)), toPlace: ({ level }) => level ?? 0 };
}

/** A column for each mixture of bits, such as `4` and `4/2`; recipes of one method that share a column stand side by side in it, the largest first. */
function toBitsAxis(method: MethodId, points: readonly SweepPoint[]): LevelsAxis {
  const columns = [...new Map(points.map((point) => [toBitsText(point), toBits(point)]))]
    .sort(([, one], [, other]) => compareBits(one, other))
    .map(([text]) => text);
  const recipesIn = new Map<string, string[]>();
  for (const point of points) {
    if (point.method !== method) continue;
    const text = toBitsText(point);
    const known = recipesIn.get(text) ?? [];
    const key = toRecipeKey(point.recipe);
    if (!known.includes(key)) recipesIn.set(text, [...known, key]);
  }
  const toPlace = (point: SweepPoint) => {
    const text = toBitsText(point);
    const beside = recipesIn.get(text) ?? [];
    return columns.indexOf(text) + (beside.indexOf(toRecipeKey(point.recipe)) + 0.5) / beside.length - 0.5;
  };
  return { x: toColumnAxis('bits per weight', columns), toPlace };
}

/** The bits that matrices of a point's recipe are rounded to, falling. */
function toBits({ recipe }: SweepPoint): readonly number[] {
  const step = recipe?.steps[0];
  return step === undefined ? [] : levelsOf(step);
}

function toBitsText(point: SweepPoint): string {
  return toBits(point).join('/');
}

/** The one with more bits first; of two alike so far, the one without further ones. */
function compareBits(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((bits, i) => bits !== other[i]);
  return at < 0 ? one.length - other.length : (other[at] ?? Number.POSITIVE_INFINITY) - (one[at] ?? 0);
}

/** Headings of the table of one measure. */
export function toLevelColumns({ id, label }: Measure): readonly string[] {
  const paired = id === 'accuracy' ? PAIRED_HEADINGS : [];
  return ['Recipe and regime', 'Shipped', label, '95 % interval', 'Items', ...paired, 'Repair trained for', 'Source'];
}

/** All measures of all points, as files carry them. */
export function toLevelExport(pack: string, points: readonly SourcedPoint[], measure: Measure): FigureExport {
  return {
    pack,
    measure: measure.fileName,
    date: toLatestDate(points),
    columns: [
      ...POINT_COLUMNS,
      ...MEASURES.flatMap(({ label, unit }) => {
        const name = label.toLowerCase();
        return toSubjectColumns(name, unit, `${name} items`);
      }),
      ...PAIRED_COLUMNS,
    ],
    rows: points.map((point) => [
      ...toPointCells(point),
      ...MEASURES.flatMap(({ read }) => toSubjectCells(read(point))),
      ...toPairedCells(point.compared),
    ]),
  };
}
