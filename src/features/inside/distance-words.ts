import type { Estimate } from '../../core/eval/statistics.ts';
import type { DistanceQuantity } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { DistanceMeasure, DistanceResults } from '../../state/inside-state.ts';
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
export type Path = 'back' | 'around' | 'undecided' | 'not-compared';

/**
 * Whether a repair is nearer to the dense model than the variant without recovery (`back`) or farther from it (`around`); `undecided` while
 * their intervals overlap, `not-compared` where one of the two has no finite value.
 */
export function toPath(repaired: Estimate | null, compressed: Estimate | null, measure: DistanceMeasure): Path {
  if (!isComparable(repaired) || !isComparable(compressed)) return 'not-compared';
  const [isAbove, isBelow] = [repaired.low > compressed.high, repaired.high < compressed.low];
  if (!isAbove && !isBelow) return 'undecided';
  const isNearer = measure === 'cosine' ? isAbove : isBelow;
  return isNearer ? 'back' : 'around';
}

function isComparable(estimate: Estimate | null): estimate is Estimate {
  return estimate !== null && [estimate.value, estimate.low, estimate.high].every(Number.isFinite);
}

/** Every repair's path by the last layer's estimates, in the order of the results. */
export function toPaths(
  results: DistanceResults,
  quantity: DistanceQuantity,
  measure: DistanceMeasure,
): readonly { key: RegimeKey; path: Path }[] {
  const read = (key: RegimeKey) =>
    results.regimes.find((regime) => regime.key === key)?.toDense.at(-1)?.[quantity]?.[measure] ?? null;
  return results.regimes
    .filter(({ key }) => key !== 'dense' && key !== 'compressed')
    .map(({ key }) => ({ key, path: toPath(read(key), read('compressed'), measure) }));
}

/** The rule as it is printed below the sentence. */
export const PATH_RULE =
  'Rule: at the last layer, a repair goes back where it is nearer to the dense model than the compressed one and the two 95\u00a0% intervals do not touch, around where it is farther and they do not touch; else it is undecided.';

const PATH_WORDS: Readonly<Record<Path, (labels: string, isOne: boolean) => string>> = {
  back: (labels, isOne) => `${labels} ${isOne ? 'goes' : 'go'} back to the dense path`,
  around: (labels, isOne) =>
    `${labels} ${isOne ? 'goes' : 'go'} around the dense path, ending farther from it than without repair`,
  undecided: (labels, isOne) => `${labels} ${isOne ? 'is' : 'are'} undecided`,
  'not-compared': (labels) => `${labels} cannot be compared here`,
};

const PATH_ORDER: readonly Path[] = ['back', 'around', 'undecided', 'not-compared'];

/** One sentence on all repairs; null without any. */
export function toPathSentence(paths: readonly { key: RegimeKey; path: Path }[]): string | null {
  if (paths.length === 0) return null;
  const parts = PATH_ORDER.flatMap((path) => {
    const labels = paths.filter((each) => each.path === path).map(({ key }) => toRegimeLook(key).label);
    return labels.length === 0 ? [] : [PATH_WORDS[path](toList(labels), labels.length === 1)];
  });
  return `${parts.join('; ')}.`;
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
