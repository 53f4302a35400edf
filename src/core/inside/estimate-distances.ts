import { type BootstrapOptions, clusterBootstraps, type Estimate, type Statistic } from '../eval/statistics.ts';
import { DISTANCE_QUANTITIES, type DistanceQuantity, type LayerDistance } from './capture.ts';

/** Distances of one question as numbers, layer by layer: a cosine and a relative error for each quantity, NaN where nothing can be compared. */
export type PackedDistances = Float64Array; // [numLayers * 3 * 2]

/** Means over questions of one layer's distances; null where no question could be compared. */
export type LayerEstimates = Readonly<
  Record<DistanceQuantity, { readonly cosine: Estimate; readonly relativeError: Estimate } | null>
>;

const WIDTH = DISTANCE_QUANTITIES.length * 2;

/** The distances of a question's layers `[numLayers]` as numbers. */
export function packDistances(layers: readonly LayerDistance[]): PackedDistances {
  const packed = new Float64Array(layers.length * WIDTH).fill(Number.NaN);
  for (const [layer, distances] of layers.entries()) {
    for (const [i, quantity] of DISTANCE_QUANTITIES.entries()) {
      const distance = distances[quantity];
      if (distance === null) continue;
      packed[layer * WIDTH + 2 * i] = distance.cosine;
      packed[layer * WIDTH + 2 * i + 1] = distance.relativeError;
    }
  }
  return packed;
}

/** How much farther one question's distances are under one regime than under another; NaN where either has none. */
export function subtractDistances(first: PackedDistances, second: PackedDistances): PackedDistances {
  return first.map((value, place) => value - at(second, place));
}

/**
 * Means over questions, by layer, with percentile intervals over subjects drawn with replacement: a ratio of sums, as subjects have different
 * numbers of questions (Cochran 1977, section 2.11). `subjects[i]` asks question i.
 */
export function estimateDistances(
  subjects: readonly string[],
  questions: readonly PackedDistances[],
  options?: BootstrapOptions,
): LayerEstimates[] {
  const width = questions[0]?.length ?? 0;
  const clusters = toClusters(subjects, questions, width);
  const statistics = Array.from(
    { length: width },
    (_, j): Statistic =>
      (sums) =>
        at(sums, j) / at(sums, width + j),
  );
  const estimates = clusterBootstraps(clusters, statistics, options);
  return Array.from({ length: width / WIDTH }, (_, layer) => {
    const pick = (quantity: DistanceQuantity) => {
      const place = layer * WIDTH + 2 * DISTANCE_QUANTITIES.indexOf(quantity);
      const [cosine, relativeError] = [estimates[place] ?? null, estimates[place + 1] ?? null];
      return cosine === null || relativeError === null ? null : { cosine, relativeError };
    };
    return { attention: pick('attention'), residual: pick('residual'), activations: pick('activations') };
  });
}

/** Sums of each subject's numbers, then how many there were of each: `[subjects][2 * width]`. */
function toClusters(
  subjects: readonly string[],
  questions: readonly PackedDistances[],
  width: number,
): readonly Float64Array[] {
  const clusters = new Map<string, Float64Array>();
  for (const [i, question] of questions.entries()) {
    const subject = subjects[i] ?? '';
    const cluster = clusters.get(subject) ?? new Float64Array(2 * width);
    clusters.set(subject, cluster);
    for (let j = 0; j < width; j++) {
      const value = at(question, j);
      if (!Number.isFinite(value)) continue;
      cluster[j] = at(cluster, j) + value;
      cluster[width + j] = at(cluster, width + j) + 1;
    }
  }
  return [...clusters.values()];
}

function at(values: ArrayLike<number>, place: number): number {
  return values[place] ?? Number.NaN;
}
