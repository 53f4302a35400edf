import { describe, expect, it } from 'vitest';
import { aggregateMetric } from './aggregate-metric.ts';
import { estimateMetrics, type MetricGroup } from './estimates.ts';
import type { ItemValue } from './metrics.ts';

const groupOf = (...items: readonly (readonly [subject: number, value: ItemValue])[]): MetricGroup => ({
  subjects: Int32Array.from(items, ([subject]) => subject),
  values: items.map(([, value]) => value),
});

describe('a metric over documents', () => {
  it('has Wilson’s interval where every subject has one document, and the standard error of the harness', () => {
    // 81 of 263: the published example of Newcombe (1998), table I.
    const group = groupOf(...Array.from({ length: 263 }, (_, i) => [i, Number(i < 81)] as const));
    const [estimate] = estimateMetrics('acc', [group]);
    expect(estimate).toMatchObject({ method: 'wilson', items: 263, subjects: 263 });
    expect(estimate?.low).toBeCloseTo(0.2553, 4);
    expect(estimate?.high).toBeCloseTo(0.3662, 4);
    const share = 81 / 263;
    expect(estimate?.stderr).toBeCloseTo(Math.sqrt((share * (1 - share)) / 262), 12);
  });

  it('draws subjects whole where one has several documents', () => {
    const [estimate] = estimateMetrics('exact_match', [groupOf([0, 1], [0, 1], [1, 0], [2, 1])]);
    expect(estimate).toMatchObject({ method: 'cluster-bootstrap', value: 0.75, items: 4, subjects: 3 });
  });

  it.each([
    ['perplexity', [-1, -2.5, -0.5, -4]],
    ['word_perplexity', [[-4, 3] as const, [-9, 5] as const, [-2, 2] as const, [-20, 9] as const]],
    ['bits_per_byte', [[-4, 13] as const, [-9, 25] as const, [-2, 7] as const, [-20, 40] as const]],
  ] as const)('%s has the value of the harness within an interval over subjects', (name, values) => {
    const [estimate] = estimateMetrics(name, [groupOf(...values.map((value, i) => [i % 3, value] as const))]);
    expect(estimate?.value).toBeCloseTo(aggregateMetric(name, values).value, 12);
    expect(estimate?.low).toBeLessThan(estimate?.value ?? 0);
    expect(estimate?.high).toBeGreaterThan(estimate?.value ?? 0);
    expect(estimate).toMatchObject({ method: 'cluster-bootstrap', items: 4, subjects: 3 });
    expect(estimate?.stderr).toEqual(name === 'perplexity' ? aggregateMetric(name, values).stderr : null);
  });

  it('is estimated for each group by itself', () => {
    const [first, second, third] = estimateMetrics('acc', [groupOf([0, 1], [1, 1]), groupOf([0, 0]), groupOf()]);
    expect([first?.value, second?.value, third]).toEqual([1, 0, null]);
  });

  it('is none where no draw could differ: a perplexity of one subject', () => {
    expect(estimateMetrics('perplexity', [groupOf([7, -1], [7, -3])])).toEqual([null]);
  });
});
