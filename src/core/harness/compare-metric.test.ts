import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { holm } from '../eval/holm.ts';
import { signFlip } from '../eval/sign-flip.ts';
import { seededRandom } from '../random.ts';
import type { RegimeKey } from '../recover/regime.ts';
import { compareMetric, type MetricComparisonInput, type ScoredRegime } from './compare-metric.ts';
import { METRICS } from './metrics.ts';

const DOCUMENTS = 120;
const random = seededRandom(3);
/** Hard and easy documents: log-likelihoods from -2 to -40. */
const HARD: Float64Array = Float64Array.from({ length: DOCUMENTS }, () => -2 - 38 * random.uniform());
const WEIGHTS = Float64Array.from(HARD, (each) => Math.round(-2 * each));
const NOBODY: Float64Array = new Float64Array(DOCUMENTS).fill(Number.NaN);

/** Log-likelihoods `shift` above those of the variant, with noise of their own. */
function shifted(shift: number, noise = 0.5): Float64Array {
  const own = seededRandom(Math.round(100 * shift) + 9);
  return HARD.map((each) => each + shift + noise * (own.uniform() - 0.5));
}

const regime = (key: RegimeKey, heldOut: Float64Array, seen: Float64Array = NOBODY): ScoredRegime => ({
  key,
  heldOut,
  seen,
});
const inputOf = (
  regimes: readonly ScoredRegime[],
  rest: Partial<MetricComparisonInput> = {},
): MetricComparisonInput => ({
  subjects: Int32Array.from(HARD, (_, i) => i >> 1),
  weights: WEIGHTS,
  regimes,
  presetItems: DOCUMENTS,
  isExploratory: false,
  ...rest,
});
const FAST = { resamples: 200 };

describe('compareMetric', () => {
  it.each(['bits_per_byte', 'word_perplexity', 'perplexity'] as const)(
    'says how many times as high %s is, minus 1, as the harness aggregates it',
    (name) => {
      const weights = name === 'perplexity' ? new Float64Array(DOCUMENTS).fill(1) : WEIGHTS;
      const one = shifted(0.4);
      const [compared] = compareMetric(
        name,
        inputOf([regime('compressed', HARD), regime('idp', one)], { weights }),
        FAST,
      );
      const whole = (values: Float64Array) =>
        METRICS[name].aggregate(Array.from(values, (value, i) => [value, weights[i] ?? 1] as const));
      const [own, other] =
        name === 'perplexity'
          ? [one, HARD].map((values) => METRICS[name].aggregate([...values]))
          : [one, HARD].map(whole);
      expect(compared?.difference.value).toBeCloseTo((own ?? 0) / (other ?? 1) - 1, 10);
      expect(compared?.difference.low).toBeLessThan(compared?.difference.value ?? 0);
      expect(compared?.difference.high).toBeGreaterThan(compared?.difference.value ?? 0);
      expect(compared).toMatchObject({ items: DOCUMENTS, subjects: DOCUMENTS / 2 });
    },
  );

  it('tests the subjects’ differences of log-likelihood, adjusts over the family and decides what is clear', () => {
    const regimes = [
      regime('compressed', HARD),
      regime('idp', shifted(0.4), shifted(0.9)),
      regime('prompt', shifted(0)),
    ];
    const found = compareMetric('bits_per_byte', inputOf(regimes), FAST);
    const bySubject = Array.from({ length: DOCUMENTS / 2 }, (_, subject) =>
      [2 * subject, 2 * subject + 1].reduce((sum, i) => sum + (shifted(0.4)[i] ?? 0), 0),
    ).map((sum, subject) => sum - (HARD[2 * subject] ?? 0) - (HARD[2 * subject + 1] ?? 0));
    expect(found[0]?.p).toBe(signFlip(bySubject, { resamples: 1000 }));
    expect(found.map(({ adjustedP }) => adjustedP)).toEqual(holm(found.map(({ p }) => p)));
    expect(found.map(({ isDecided }) => isDecided)).toEqual([true, false, true]);
    expect(found[1]?.sampleSize?.needed).toBeGreaterThan(DOCUMENTS);
  });

  it('is narrower in pairs than the two intervals apart: documents are hard or easy for both', () => {
    const [pair] = compareMetric(
      'bits_per_byte',
      inputOf([regime('compressed', HARD), regime('idp', shifted(0.2))]),
      FAST,
    );
    expect((pair?.difference.high ?? 1) - (pair?.difference.low ?? 0)).toBeLessThan(0.02);
  });

  it('counts only documents that both answered, and halves what one twin waits for', () => {
    const half = HARD.map((each, i) => (i % 2 === 0 ? each : Number.NaN));
    const twin = { ...regime('idp', half), isOneTwin: true };
    const [compared] = compareMetric('bits_per_byte', inputOf([regime('compressed', HARD), twin]), FAST);
    expect(compared).toMatchObject({ items: DOCUMENTS / 2, isEarly: false });
  });

  it('decides nothing early, nor by a metric that was not declared', () => {
    const regimes = [regime('compressed', HARD), regime('idp', shifted(3))];
    const [early] = compareMetric('bits_per_byte', inputOf(regimes, { presetItems: DOCUMENTS + 1 }), FAST);
    expect(early).toMatchObject({ isEarly: true, isDecided: false });
    const [picked] = compareMetric('bits_per_byte', inputOf(regimes, { isExploratory: true }), FAST);
    expect(picked).toMatchObject({ isExploratory: true, adjustedP: null, isDecided: false });
  });

  it('finds no difference between a regime and itself, and nothing in one subject', () => {
    const same = [regime('compressed', HARD), regime('idp', HARD)];
    const [compared] = compareMetric('perplexity', inputOf(same), FAST);
    expect(compared).toMatchObject({ difference: { value: 0, low: 0, high: 0 }, p: 1, sampleSize: null });
    expect(compareMetric('perplexity', inputOf(same, { subjects: new Int32Array(DOCUMENTS) }), FAST)).toEqual([]);
  });

  it('turns round with the two regimes', () => {
    checkProperty(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (shift) => {
        const [one] = compareMetric(
          'perplexity',
          inputOf([regime('compressed', HARD), regime('idp', shifted(shift))]),
          FAST,
        );
        const [other] = compareMetric(
          'perplexity',
          inputOf([regime('compressed', shifted(shift)), regime('idp', HARD)]),
          FAST,
        );
        expect((1 + (one?.difference.value ?? 0)) * (1 + (other?.difference.value ?? 0))).toBeCloseTo(1, 8);
        expect(one?.p).toBe(other?.p);
      }),
      10,
    );
  });

  it('compares a regime with the same one of another run where a pair names it, and in no declared comparison', () => {
    const ofOther: ScoredRegime = { ...regime('idp', shifted(0.4)), run: 'live' };
    const regimes = [regime('compressed', HARD), regime('idp', HARD), ofOther];
    const side = { key: 'idp', exposure: 'held-out' } as const;
    const pair = [side, { ...side, run: 'live' }] as const;
    const input = inputOf(regimes, { pair, isExploratory: true });
    const [found] = compareMetric('bits_per_byte', input, FAST);
    // The other run's documents were likelier, so bits per byte here are more.
    expect(found).toMatchObject({
      first: side,
      second: { ...side, run: 'live' },
      items: DOCUMENTS,
      isExploratory: true,
    });
    expect(found?.difference.low).toBeGreaterThan(0);
    const declared = compareMetric('bits_per_byte', inputOf(regimes), FAST);
    expect(declared.map(({ first, second }) => [first.run, second.run])).toEqual([[undefined, undefined]]);
    expect(declared[0]?.difference.value).toBe(0);
  });
});
