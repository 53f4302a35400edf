import { type Compared, type Comparison, decide, type Side } from './comparisons.ts';
import { mcnemar } from './mcnemar.ts';
import { itemsNeeded } from './power.ts';

/** Two sides on the same items as a recording keeps them: how many subjects differ by how much, which is all that the exact test needs. */
export interface CountedComparison {
  first: Side;
  second: Side;
  items: number;
  /** [i]: the number of subjects that got `least + i` items more right under the first than under the second; those alike are among them. */
  counts: readonly number[];
  least: number;
  /** 95 % cluster bootstrap over subjects of the mean difference, a share of items. */
  low: number;
  high: number;
}

/** A declared family that was recorded on all of its items: tested and adjusted by Holm as `compareDeclared` does. Throws `input-invalid`. */
export function compareCounted(family: readonly CountedComparison[]): Comparison[] {
  return decide(family.map(toCompared));
}

/** The mean difference of the first minus the second, a share of items. */
export function meanDifference({
  counts,
  least,
  items,
}: Pick<CountedComparison, 'counts' | 'least' | 'items'>): number {
  return counts.reduce((sum, count, i) => sum + count * (least + i), 0) / items;
}

function toCompared(counted: CountedComparison): Compared {
  const { first, second, items, counts, least, low, high } = counted;
  const differences = counts.flatMap((count, i) => new Array<number>(count).fill(least + i));
  return {
    comparison: {
      first,
      second,
      difference: { value: meanDifference(counted), low, high, method: 'cluster-bootstrap' },
      p: mcnemar(differences),
      items,
      subjects: differences.length,
      isEarly: false,
    },
    toSampleSize: (alpha) => itemsNeeded(differences, items, { alpha }),
  };
}
