import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import '../../testing/to-be-all-close.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { normal, seededRandom } from '../random.ts';
import {
  type BootstrapOptions,
  clusterBootstraps,
  medianInterval,
  normalQuantile,
  quantile,
  type Statistic,
  wilson,
  Z,
} from './statistics.ts';

describe('wilson', () => {
  // Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval of %d of %d', (right, items, low, high) => {
    const interval = wilson(right, items);
    expect([interval.low, interval.high]).toBeAllClose([low, high], TOLERANCES.published);
    expect(interval.value).toBe(right / items);
  });

  it('lies within 0 and 1, holds its value, and mirrors itself', () => {
    checkProperty(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (items, part) => {
        const right = Math.round(part * items);
        const { value, low, high } = wilson(right, items);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low <= value && value <= high).toBe(true);
        const mirror = wilson(items - right, items);
        expect([1 - mirror.high, 1 - mirror.low]).toBeAllClose([low, high], { relative: 0, absolute: 1e-12 });
      }),
    );
  });

  it.each([
    [0, 0],
    [3, 2],
    [-1, 2],
    [0.5, 2],
    [Number.NaN, 2],
  ])('refuses %d of %d', (right, items) => {
    expectAppError(() => wilson(right, items), 'input-invalid');
  });
});

describe('normalQuantile', () => {
  it('gives the values that Wichura publishes to check algorithm AS 241 with, to seven digits', () => {
    // Wichura 1988, Applied Statistics 37, 477-484.
    const published = [0.25, 0.001, 1e-20].map(normalQuantile);
    expect(published).toBeAllClose([-0.6744897501960817, -3.090232306167814, -9.262340089798409], {
      relative: 2e-7,
      absolute: 0,
    });
    expect(normalQuantile(0.975)).toBeCloseTo(Z, 6);
    expect(normalQuantile(0.8)).toBeCloseTo(0.8416212335729143, 6);
  });

  it('is odd around one half, rises, and is infinite at the ends', () => {
    const inside = fc.double({ min: 1e-12, max: 0.5, noNaN: true });
    checkProperty(
      fc.property(inside, inside, (one, other) => {
        expect(normalQuantile(1 - one)).toBeCloseTo(-normalQuantile(one), 3);
        expect(Math.sign(normalQuantile(one) - normalQuantile(other)) * Math.sign(one - other)).toBeGreaterThanOrEqual(
          0,
        );
      }),
    );
    expect([0, 0.5, 1].map(normalQuantile)).toEqual([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
  });
});

describe('medianInterval', () => {
  // Efron and Tibshirani 1993, An Introduction to the Bootstrap, table 2.1; the distribution of the bootstrap median is
  // known exactly (Efron 1982): .0102 .0981 .2386 .3062 .2386 .0981 .0102 on the ordered values.
  const mice = [94, 197, 16, 38, 99, 141, 23];

  it('gives the exact percentiles of the mouse data', () => {
    expect(medianInterval(mice)).toEqual({ value: 94, low: 23, high: 141 });
  });

  it('takes the middle of two values, and one run as its own interval', () => {
    expect(medianInterval([1, 2, 3, 10]).value).toBe(2.5);
    expect(medianInterval([7])).toEqual({ value: 7, low: 7, high: 7 });
  });

  it('repeats itself for one seed, whatever the order of the runs', () => {
    expect(medianInterval([...mice].reverse(), { seed: 4 })).toEqual(medianInterval(mice, { seed: 4 }));
  });

  it('refuses no runs at all', () => {
    expectAppError(() => medianInterval([]), 'input-invalid');
  });
});

describe('clusterBootstraps', () => {
  const clusterBootstrap = (clusters: readonly number[][], statistic: Statistic, options?: BootstrapOptions) =>
    clusterBootstraps(clusters, [statistic], options)[0] ?? null;
  const mean = (sums: Float64Array) => (sums[0] ?? 0) / (sums[1] ?? 0);
  const coins = (count: number, seed: number, share = 0.5) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => [random.uniform() < share ? 1 : 0, 1]);
  };

  it('gives the exact percentiles of the mean of the mice, within what 2,000 draws allow', () => {
    // Efron and Tibshirani 1993, table 2.1; 43.4 and 134.4 bound 95 % of all 7^7 draws.
    const mice = [94, 197, 16, 38, 99, 141, 23].map((days) => [days, 1]);
    const { value, low, high } = clusterBootstrap(mice, mean) ?? wilson(0, 1);
    expect(value).toBeCloseTo(608 / 7, 12);
    expect([low, high]).toBeAllClose([43.4, 134.4], { relative: 0, absolute: 4 });
  });

  it('gives the published ratio of the hormone patches, and the exact percentiles of its draws', () => {
    // Efron and Tibshirani 1993, table 10.1: new minus old patch, and old patch minus placebo, of eight subjects; the ratio of
    // their means is -.0713. -.2312 and .1659 bound 95 % of all 8^8 draws.
    const gains = [-1200, 2601, -2705, 1982, -1290, 351, -638, -2719];
    const bases = [8406, 2342, 8187, 8459, 4795, 3516, 4796, 10238];
    const patches = gains.map((gain, i) => [gain, bases[i] ?? Number.NaN]);
    const { value, low, high } = clusterBootstrap(patches, mean, { resamples: 20_000 }) ?? wilson(0, 1);
    expect(value).toBeCloseTo(-0.0713, 4);
    expect([low, high]).toBeAllClose([-0.2312, 0.1659], { relative: 0, absolute: 0.01 });
  });

  it('gives nearly the normal interval where every cluster is one item', () => {
    const { value, low, high } = clusterBootstrap(coins(1000, 1), mean) ?? wilson(0, 1);
    const spread = 1.96 * Math.sqrt((value * (1 - value)) / 1000);
    expect([low, high]).toBeAllClose([value - spread, value + spread], { relative: 0, absolute: 0.003 });
  });

  it('does not shrink when the items of every cluster are repeated', () => {
    const single = coins(50, 2);
    const fivefold = single.map((sums) => sums.map((sum) => 5 * sum));
    expect(clusterBootstrap(fivefold, mean)).toEqual(clusterBootstrap(single, mean));
  });

  it('is wider where a cluster answers alike than where items are independent', () => {
    const items = coins(200, 3);
    const alike = Array.from({ length: 20 }, (_, i) => [i % 2 === 0 ? 10 : 0, 10]);
    const [apart, together] = [clusterBootstrap(items, mean), clusterBootstrap(alike, mean)];
    expect(widthOf(together)).toBeGreaterThan(2.5 * widthOf(apart));
  });

  it('holds the true share in about 95 % of experiments', () => {
    let covered = 0;
    for (let seed = 0; seed < 400; seed++) {
      const interval = clusterBootstrap(coins(100, 1000 + seed, 0.3), mean, { seed, resamples: 400 });
      if (interval !== null && interval.low <= 0.3 && 0.3 <= interval.high) covered += 1;
    }
    // The percentile interval of 100 items covers about 94 %; 400 experiments vary by 1.2 %.
    expect(covered / 400).toBeGreaterThan(0.9);
    expect(covered / 400).toBeLessThan(0.98);
  });

  it('gives the standard error of a ratio that the delta method gives', () => {
    const random = seededRandom(6);
    const pairs = Array.from({ length: 2000 }, () => [5 + normal(random), 10 + normal(random)]);
    const interval = clusterBootstrap(pairs, mean);
    const expected = (2 * 1.96 * Math.sqrt(1 / 100 + 0.25 / 100)) / Math.sqrt(2000);
    expect(widthOf(interval) / expected).toBeGreaterThan(0.94);
    expect(widthOf(interval) / expected).toBeLessThan(1.06);
  });

  it('gives each of several statistics the interval that it has alone', () => {
    const clusters = coins(300, 4).map(([right = 0, items = 0], i) => [right, i % 3, items]);
    const statistics = [
      ([right = 0, , items = 0]: Float64Array) => right / items,
      ([, other = 0, items = 0]: Float64Array) => other / items,
      () => Number.NaN,
    ];
    const options = { seed: 3, resamples: 400 };
    expect(clusterBootstraps(clusters, statistics, options)).toEqual(
      statistics.map((each) => clusterBootstrap(clusters, each, options)),
    );
  });

  it('is null where the statistic has no value, or too few draws have one', () => {
    expect(clusterBootstrap([], mean)).toBeNull();
    expect(clusterBootstrap([[0, 0]], mean)).toBeNull();
    const rarelyDefined = [[1, 1], ...Array.from({ length: 9 }, () => [0, 0])];
    expect(clusterBootstrap(rarelyDefined, mean)).toBeNull();
  });
});

describe('quantile', () => {
  it('interpolates as numpy does', () => {
    const sorted = [1, 2, 4, 8];
    expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantile(sorted, share))).toBeAllClose([1, 1.75, 3, 6.8, 8], {
      relative: 0,
      absolute: 1e-12,
    });
  });
});

function widthOf(interval: { low: number; high: number } | null): number {
  return interval === null ? Number.NaN : interval.high - interval.low;
}
