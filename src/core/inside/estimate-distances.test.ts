import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import type { LayerDistance } from './capture.ts';
import { estimateDistances, packDistances, subtractDistances } from './estimate-distances.ts';

/** One layer whose residual stream lies so far from the reference. */
const layer = (relativeError: number): LayerDistance => ({
  attention: null,
  residual: { cosine: 1 - relativeError, relativeError },
  activations: null,
});
const estimate = (subjects: readonly string[], errors: readonly number[]) =>
  estimateDistances(
    subjects,
    errors.map((error) => packDistances([layer(error)])),
    { resamples: 500 },
  )[0];

test('the value is the mean over questions, and what cannot be compared has none', () => {
  const found = estimate(['a', 'a', 'b'], [0.1, 0.3, 0.8]);
  expect(found?.residual?.relativeError.value).toBeCloseTo(0.4, 12);
  expect(found?.residual?.cosine.value).toBeCloseTo(0.6, 12);
  expect(found).toMatchObject({ attention: null, activations: null });
});

test('subjects are drawn, not questions: more questions of one subject narrow nothing', () => {
  const few = estimate(['a', 'b', 'c', 'd'], [0, 0.2, 0.4, 0.6]);
  const [subjects, errors] = [
    [0, 1, 2, 3],
    [0, 0.2, 0.4, 0.6],
  ];
  const many = estimate(
    subjects.flatMap((subject) => Array.from({ length: 8 }, () => 'abcd'.charAt(subject))),
    errors.flatMap((error) => Array.from({ length: 8 }, () => error)),
  );
  expect(many?.residual?.relativeError.low).toBeCloseTo(few?.residual?.relativeError.low ?? Number.NaN, 12);
  expect(many?.residual?.relativeError.high).toBeCloseTo(few?.residual?.relativeError.high ?? Number.NaN, 12);
});

test('a question that lacks a quantity costs the mean of the others nothing', () => {
  const whole: LayerDistance = { ...layer(0.2), attention: { cosine: 0.5, relativeError: 0.7 } };
  const found = estimateDistances(['a', 'b', 'b'], [[whole], [layer(0.4)], [whole]].map(packDistances), {
    resamples: 500,
  })[0];
  expect(found?.attention?.cosine).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  expect(found?.residual?.relativeError.value).toBeCloseTo(0.8 / 3, 12);
});

test('every layer has its own mean, and no question gives no layer', () => {
  const found = estimateDistances(
    ['a', 'b'],
    [
      [layer(0.1), layer(0.5)],
      [layer(0.3), layer(0.7)],
    ].map(packDistances),
  );
  expect(found.map(({ residual }) => residual?.relativeError.value.toFixed(3))).toEqual(['0.200', '0.600']);
  expect(estimateDistances([], [])).toEqual([]);
});

test('a paired difference is known where the two distances are not: what questions have in common falls out', () => {
  const random = seededRandom(3);
  const subjects = Array.from({ length: 40 }, (_, i) => `subject ${i}`);
  const without = subjects.map(() => 0.2 + 0.6 * random.uniform());
  const repaired = without.map((error) => error - 0.05 + 0.02 * random.uniform());
  const [first, second] = [estimate(subjects, repaired), estimate(subjects, without)];
  const [low, high] = [second?.residual?.relativeError.low ?? 0, first?.residual?.relativeError.high ?? 0];
  expect(high).toBeGreaterThan(low);
  const pack = (errors: readonly number[]) => errors.map((error) => packDistances([layer(error)]));
  const others = pack(without);
  const differences = pack(repaired).map((own, i) => subtractDistances(own, others[i] ?? own));
  const paired = estimateDistances(subjects, differences)[0]?.residual?.relativeError;
  expect(paired?.value).toBeCloseTo(
    (first?.residual?.relativeError.value ?? 0) - (second?.residual?.relativeError.value ?? 0),
    12,
  );
  expect(paired?.high).toBeLessThan(0);
  expect(paired?.low).toBeLessThan(paired?.value ?? 0);
});

test('a question that one of the two has no distance on is no pair', () => {
  const whole: LayerDistance = { ...layer(0.2), attention: { cosine: 0.5, relativeError: 0.7 } };
  const difference = subtractDistances(packDistances([whole]), packDistances([layer(0.5)]));
  const found = estimateDistances(['a'], [difference])[0];
  expect(found?.attention).toBeNull();
  expect(found?.residual?.relativeError.value).toBeCloseTo(-0.3, 12);
});
