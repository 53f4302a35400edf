import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleLogits } from '../testing/sample-logits.ts';
import { compareLogits, LOGIT_STRIDE, sampleWidth } from './golden-logits.ts';

const VOCAB_SIZE = 40;
const TOLERANCE = 1e-3;
const AT = { row: 1, vocabSize: VOCAB_SIZE, tolerance: TOLERANCE };
/** Two rows: in the second, token 9 stands first and token 30 a wide gap behind it; neither is sampled. */
const ROW = Float32Array.from({ length: VOCAB_SIZE }, (_, id) => (id === 9 ? 12 : id === 30 ? 11 : Math.sin(id)));
const GOLDEN = sampleLogits(Float32Array.from([...ROW.map((value) => -value), ...ROW]), VOCAB_SIZE);

const changed = (id: number, value: number) => ROW.with(id, value);
const isSampled = (id: number) => id % LOGIT_STRIDE === 0;

describe('a row of logits and its golden', () => {
  test('that are equal do not differ', () => {
    expect(GOLDEN.sampled.length).toBe(2 * sampleWidth(VOCAB_SIZE));
    expect(compareLogits(ROW, GOLDEN, AT)).toEqual({ difference: 0, isSameToken: true });
  });

  test('differ by what a stored logit differs, the top two among them', () => {
    for (const id of [0, LOGIT_STRIDE, 2 * LOGIT_STRIDE, 9, 30]) {
      const { difference } = compareLogits(changed(id, (ROW[id] ?? 0) - 0.25), GOLDEN, AT);
      expect(difference).toBeCloseTo(0.25, 6);
    }
  });

  test('differ by how far a logit that is not stored stands above the second', () => {
    expect(isSampled(10)).toBe(false);
    expect(compareLogits(changed(10, 11.5), GOLDEN, AT)).toEqual({ difference: 0.5, isSameToken: true });
    expect(compareLogits(changed(10, 13), GOLDEN, AT)).toEqual({ difference: 2, isSameToken: false });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'differ without bound where any logit is %s',
    (value) => {
      for (const id of ROW.keys())
        expect(compareLogits(changed(id, value), GOLDEN, AT).difference).toBe(Number.POSITIVE_INFINITY);
    },
  );

  test('differ without bound where their lengths do', () => {
    for (const length of [0, VOCAB_SIZE - 1, VOCAB_SIZE + 1]) {
      const observed = Float32Array.from({ length }, (_, id) => ROW[id] ?? 0);
      expect(compareLogits(observed, GOLDEN, AT).difference).toBe(Number.POSITIVE_INFINITY);
    }
  });

  test('differ without bound where the golden holds no number', () => {
    const topLogits = GOLDEN.topLogits.with(2, Number.NaN);
    expect(compareLogits(ROW, { ...GOLDEN, topLogits }, AT).difference).toBe(Number.POSITIVE_INFINITY);
  });

  test('must agree on the likeliest token only where the top two stand further apart than twice the tolerance', () => {
    const near = (gap: number) => {
      const row = changed(30, 12 - gap);
      const swapped = row.with(9, 12 - gap).with(30, 12);
      const golden = sampleLogits(row, VOCAB_SIZE);
      return compareLogits(swapped, golden, { ...AT, row: 0 }).isSameToken;
    };
    expect(near(0.5 * TOLERANCE)).toBe(true);
    expect(near(3 * TOLERANCE)).toBe(false);
  });
});

test('a row whose logits all lie within the tolerance is never refused', () => {
  const noise = fc.array(fc.double({ min: -0.9 * TOLERANCE, max: 0.9 * TOLERANCE, noNaN: true }), {
    minLength: VOCAB_SIZE,
    maxLength: VOCAB_SIZE,
  });
  fc.assert(
    fc.property(noise, (shifts) => {
      const observed = ROW.map((value, id) => value + (shifts[id] ?? 0));
      const { difference, isSameToken } = compareLogits(observed, GOLDEN, AT);
      expect(difference).toBeLessThanOrEqual(TOLERANCE);
      expect(isSameToken).toBe(true);
    }),
  );
});
