import * as z from 'zod/mini';
import { LINEAR_NAMES } from '../core/checkpoint/checkpoint.ts';
import { METHOD_IDS } from '../core/compress/levels.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { refusePack } from '../core/pack/check.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import { NOT_ASKED } from './outcome-set.ts';
import { fromCodesText, toItemsMark } from './recorded-answers.ts';
import { count, parseRecordedFile, recordedSource, share, whole } from './recorded-fields.ts';
import type { Estimate } from './results.ts';
import { WHOLE_LAYER } from './sweep-plan.ts';
import type { SweepPoint, SweepResults } from './sweep-state.ts';

/** Bits that an answer is kept in: wrong, right, not asked. */
export const ANSWER_BITS = 2;

/** More than any sweep of a page comes to, and few enough to be drawn. */
const MOST_RECIPES = 1000;
const MOST_POINTS = 10_000;
const LONGEST_LABEL = 1000;

/** A figure has five digits. */
const ROUNDED = 0.00001;

/** Value and bounds, then how the interval was made where it is no cluster bootstrap; null where nothing was drawn. */
function bounds(value: z.ZodMiniType<number>) {
  const made = z.nullable(z.literal('wilson'));
  return z.nullable(
    z
      .union([z.tuple([value, value, value]), z.tuple([value, value, value, made])])
      .check(z.refine(([, low, high]) => low <= high)),
  );
}

const label = z.string().check(z.maxLength(LONGEST_LABEL));
const shareBounds = bounds(share);
/** In nats. */
const divergence = bounds(count);

const sweep = z.object({
  version: z.literal(3),
  source: recordedSource,
  /** The first items of the plan, in its order. */
  items: z.object({ count: whole.check(z.minimum(1)), fingerprint: z.string() }),
  recipes: z
    .array(
      z.object({
        recipe: z.unknown(),
        label,
        method: z.nullable(z.enum(METHOD_IDS)),
        level: z.nullable(z.number()),
      }),
    )
    .check(z.maxLength(MOST_RECIPES)),
  points: z
    .array(
      z.object({
        /** Place among the recipes; null for the dense model. */
        recipe: z.nullable(whole),
        regime: z.enum(REGIME_KEYS),
        transferredFrom: z.exactOptional(label),
        isOneTwin: z.exactOptional(z.boolean()),
        storedBytes: count,
        accuracy: shareBounds,
        perplexity: bounds(z.number().check(z.minimum(1))),
        klDivergence: divergence,
        sameTop: shareBounds,
        right: z.string(),
      }),
    )
    .check(z.maxLength(MOST_POINTS)),
  sensitivity: z.nullable(
    z.object({
      recipe: z.unknown(),
      label,
      cells: z
        .array(
          z.object({
            layer: whole,
            matrix: z.enum([WHOLE_LAYER, ...LINEAR_NAMES]),
            accuracy: shareBounds,
            klDivergence: divergence,
            right: z.string(),
          }),
        )
        .check(z.maxLength(MOST_POINTS)),
    }),
  ),
});

type SweepFile = z.infer<typeof sweep>;
type RecordedPoint = SweepFile['points'][number];
type Bounds = RecordedPoint['accuracy'];
type Refuse = (field: string, observed: string, allowed: string) => never;

/**
 * `recorded/sweep.json` of a pack (`docs/pack-format.md`) whose items are planned so; throws `pack-invalid` naming the file and the first bad
 * field, also where it tells of other questions, or `recipe-invalid`. Its family is not computed yet.
 */
export function parseSweep(bytes: Uint8Array, fileName: string, planned: readonly PlannedItem[]): SweepResults {
  const file = parseRecordedFile(sweep, bytes, fileName);
  const refuse: Refuse = (field, observed, allowed) => refusePack(fileName, field, observed, allowed);
  const items = planned.slice(0, file.items.count);
  const wanted = toItemsMark(items);
  if (wanted.count !== file.items.count) {
    refuse('items.count', `${file.items.count}`, `at most the ${planned.length} there are`);
  }
  if (wanted.fingerprint !== file.items.fingerprint) {
    refuse('items.fingerprint', file.items.fingerprint, `${wanted.fingerprint}, that of the questions of this pack`);
  }
  const recipes = file.recipes.map((each) => ({ ...each, recipe: parseRecipe(each.recipe) }));
  const seen = new Set<string>();
  const points = file.points.map((point, i) => {
    const { recipe: place, regime } = point;
    const of = place === null ? DENSE : recipes[place];
    if (of === undefined) return refuse(`points.${i}.recipe`, `${place}`, `one of the ${recipes.length} recipes`);
    if ((regime === 'dense') !== (place === null)) {
      refuse(`points.${i}.regime`, regime, 'dense without a recipe, and nowhere else');
    }
    const name = `${place} ${regime}`;
    if (seen.has(name)) refuse(`points.${i}.regime`, `${regime} twice`, 'given once for a recipe');
    seen.add(name);
    return { ...of, ...toPoint(point, items, (field, ...rest) => refuse(`points.${i}.${field}`, ...rest)) };
  });
  return { source: file.source, items, points, sensitivity: toSensitivity(file, items, refuse), family: null };
}

const DENSE = { recipe: null, label: 'Dense', method: null, level: null };

/** What a point says of itself. */
function toPoint(
  { regime, storedBytes, transferredFrom, isOneTwin, ...point }: RecordedPoint,
  items: readonly PlannedItem[],
  refuse: Refuse,
): Omit<SweepPoint, keyof typeof DENSE> {
  const { right, toEstimate } = toAnswers(point, items, refuse);
  const [accuracy, perplexity] = [toEstimate(point.accuracy), toEstimate(point.perplexity)];
  const [klDivergence, sameTop] = [toEstimate(point.klDivergence), toEstimate(point.sameTop)];
  const figures = { accuracy, perplexity, klDivergence, sameTop };
  const twins = { transferredFrom: transferredFrom ?? null, isOneTwin: isOneTwin ?? false };
  return { regime, ...twins, storedBytes, ...figures, right };
}

function toSensitivity(
  { sensitivity }: SweepFile,
  items: readonly PlannedItem[],
  refuse: Refuse,
): SweepResults['sensitivity'] {
  if (sensitivity === null) return null;
  const cells = sensitivity.cells.map((cell, i) => {
    const refuseCell: Refuse = (field, ...rest) => refuse(`sensitivity.cells.${i}.${field}`, ...rest);
    const { right, toEstimate } = toAnswers(cell, items, refuseCell);
    const { layer, matrix } = cell;
    return { layer, matrix, accuracy: toEstimate(cell.accuracy), klDivergence: toEstimate(cell.klDivergence), right };
  });
  return { recipe: parseRecipe(sensitivity.recipe), label: sensitivity.label, cells };
}

/** The answers of a point or a cell, which must come to its accuracy, and estimates of them. */
function toAnswers(
  { right: text, accuracy }: Pick<RecordedPoint, 'right' | 'accuracy'>,
  items: readonly PlannedItem[],
  refuse: Refuse,
): { right: Uint8Array; toEstimate: (of: Bounds) => Estimate | null } {
  const right = fromCodesText(text, ANSWER_BITS, items.length);
  if (right === null || right.some((code) => code > NOT_ASKED)) {
    return refuse('right', 'damaged', `base64 of ${items.length} codes from 0 to ${NOT_ASKED}`);
  }
  const asked = items.filter((_, i) => right[i] !== NOT_ASKED);
  const reached = right.filter((code) => code === 1).length / asked.length;
  if (accuracy !== null && !(Math.abs(accuracy[0] - reached) < ROUNDED)) {
    refuse('accuracy.0', `${accuracy[0]}`, `${reached}, what the answers come to`);
  }
  return { right, toEstimate: toEstimates(asked) };
}

/** Estimates of answers to some items. */
function toEstimates(items: readonly PlannedItem[]): (of: Bounds) => Estimate | null {
  const n = items.length;
  const subjects = new Set(items.map(({ fact }) => fact.subject)).size;
  return (of) => {
    if (of === null) return null;
    const [value, low, high, made] = of;
    if (made === null) return { value, low, high, n };
    return { value, low, high, n, method: made ?? 'cluster-bootstrap', subjects };
  };
}
