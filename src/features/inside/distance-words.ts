import type { Estimate } from '../../core/eval/statistics.ts';
import type { DistanceQuantity } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { DistanceMeasure, DistanceResults, PairedDistances } from '../../state/inside-state.ts';
import { toCountText } from '../../ui/captions.ts';
import { formatNumber } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** What is compared, as pickers and sentences name it. */
export const QUANTITY_WORDS: Readonly<Record<DistanceQuantity, { label: string; meaning: string }>> = {
  attention: {
    label: 'Attention',
    meaning:
      'Attention: probabilities of all heads on the question’s own tokens; columns of a prompt or prefix are dropped and the rows divided by what is left.',
  },
  residual: {
    label: 'Residual stream',
    meaning: 'Residual stream: the hidden state after each layer, at the question’s tokens.',
  },
  activations: {
    label: 'Activations',
    meaning: 'Activations: what the down projection of each layer reads, at the question’s tokens.',
  },
};

export const MEASURE_WORDS: Readonly<Record<DistanceMeasure, { label: string; axis: string; meaning: string }>> = {
  cosine: {
    label: 'Cosine similarity',
    axis: 'cosine similarity',
    meaning: 'Cosine similarity: 1 is the same direction, so the higher the nearer.',
  },
  relativeError: {
    label: 'Relative error',
    axis: 'relative error',
    meaning: 'Relative error: |x − reference| / |reference|, so the lower the nearer.',
  },
};

/** Where a repair leads, or why that cannot be told. */
export type Path = 'back' | 'around' | 'undecided' | 'early' | 'not-compared';

/**
 * Whether a repair is nearer to the dense model than the variant without recovery (`back`) or farther from it (`around`), by the interval of
 * the paired difference; `undecided` while that holds 0, `early` before the preset number of questions, `not-compared` where there is no finite difference.
 */
export function toPath(difference: Estimate | null, measure: DistanceMeasure, isEarly: boolean): Path {
  if (difference === null || ![difference.low, difference.high].every(Number.isFinite)) return 'not-compared';
  if (isEarly) return 'early';
  const [isAbove, isBelow] = [difference.low > 0, difference.high < 0];
  if (!isAbove && !isBelow) return 'undecided';
  const isNearer = measure === 'cosine' ? isAbove : isBelow;
  return isNearer ? 'back' : 'around';
}

/** What a repair does, and by which difference at the last layer. */
export interface FoundPath {
  key: RegimeKey;
  path: Path;
  difference: Estimate | null;
}

/** Every repair's path by the last layer's paired difference, in the order of the results. */
export function toPaths(
  results: DistanceResults,
  quantity: DistanceQuantity,
  measure: DistanceMeasure,
): readonly FoundPath[] {
  return results.regimes
    .filter(({ key }) => key !== 'dense' && key !== 'compressed')
    .map(({ key, minusCompressed }) => {
      const difference = minusCompressed?.layers.at(-1)?.[quantity]?.[measure] ?? null;
      return { key, path: toPath(difference, measure, minusCompressed?.isEarly ?? true), difference };
    });
}

/** The rule as it is printed below the sentence. */
export const PATH_RULE =
  'Rule: at the last layer, take a repair’s distance to the dense model minus the compressed one’s, question by question. It goes back where it is nearer and the 95\u00a0% interval of that difference leaves out 0, around where it is farther and the interval leaves out 0; else it is undecided. Nothing is told before all questions that were set are asked.';

const PATH_WORDS: Readonly<Record<Path, (labels: string, isOne: boolean) => string>> = {
  back: (labels, isOne) => `${labels} ${isOne ? 'goes' : 'go'} back to the dense path`,
  around: (labels, isOne) =>
    `${labels} ${isOne ? 'goes' : 'go'} around the dense path, ending farther from it than without repair`,
  early: (labels) => `too early to tell of ${labels}: the questions that were set are not all asked`,
  undecided: (labels, isOne) => `${labels} ${isOne ? 'is' : 'are'} undecided`,
  'not-compared': (labels) => `${labels} cannot be compared here`,
};

const PATH_ORDER: readonly Path[] = ['back', 'around', 'undecided', 'early', 'not-compared'];

/** One sentence on all repairs; null without any. */
export function toPathSentence(paths: readonly { key: RegimeKey; path: Path }[]): string | null {
  if (paths.length === 0) return null;
  const parts = PATH_ORDER.flatMap((path) => {
    const labels = paths.filter((each) => each.path === path).map(({ key }) => toRegimeLook(key).label);
    return labels.length === 0 ? [] : [PATH_WORDS[path](toList(labels), labels.length === 1)];
  });
  const sentence = parts.join('; ');
  return `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`;
}

/** The differences that the paths follow from; null where there is none. */
export function toDifferenceText(paths: readonly FoundPath[], measure: DistanceMeasure): string | null {
  const parts = paths.flatMap(({ key, difference }) =>
    difference === null || !Number.isFinite(difference.value)
      ? []
      : `${toRegimeLook(key).label} ${formatDifference(difference.value)} [${formatDifference(difference.low)},\u00a0${formatDifference(difference.high)}]`,
  );
  if (parts.length === 0) return null;
  return `${MEASURE_WORDS[measure].label} to dense at the last layer, minus the compressed one’s on the same questions: ${parts.join('; ')}.`;
}

/** With its sign, to three decimals; below 0.01 to two meaningful digits, so that a bound which leaves out 0 is never printed as 0. */
export function formatDifference(value: number): string {
  const size = Math.abs(value);
  const isSmall = size > 0 && size < 0.01;
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${isSmall ? size.toPrecision(2) : formatNumber(size)}`;
}

/** What the paired differences are made of, as the caption says it; empty where there are none. */
export function toPairedText(results: DistanceResults): string {
  const paired = results.regimes.flatMap(({ minusCompressed }) => minusCompressed ?? []);
  if (paired.length === 0) return '';
  const of = (read: (each: PairedDistances) => number, unit: string) =>
    toCountText(
      paired.map((each) => ({ n: read(each) })),
      unit,
    );
  return `Differences are paired: on the same ${of(({ n }) => n, 'questions')}, 95\u00a0% intervals over ${of(({ subjects }) => subjects, 'subjects')}, cluster bootstrap, subjects drawn with both distances. `;
}

/** `A`, `A and B`, `A, B and C`. */
export function toList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Regimes of which a layer has no value, in words; null where all can be compared. */
export function toGapText(results: DistanceResults, quantity: DistanceQuantity): string | null {
  const gaps = results.regimes.filter(({ toDense }) => toDense.some((layer) => layer[quantity] === null));
  if (gaps.length === 0) return null;
  const labels = toList(gaps.map(({ key }) => toRegimeLook(key).label));
  const what = QUANTITY_WORDS[quantity].label.toLowerCase();
  const why =
    quantity === 'activations'
      ? 'the recipe removed neurons, so the two have other sizes'
      : 'the two have other shapes';
  return `${labels}: ${what} of some layers cannot be compared with the dense model, since ${why}. The residual stream keeps its size under every recipe.`;
}
