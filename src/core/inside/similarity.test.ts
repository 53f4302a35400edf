import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import type { Capture, TokenKind, TokenLabel } from './capture.ts';
import { compareAttention, compareLayers, compareRows, meanOverHeads, promptMass, renormalise } from './similarity.ts';

const labels = (kinds: readonly TokenKind[]): TokenLabel[] => {
  return kinds.map((kind, i) => ({ kind, text: kind === 'token' ? 'word' : `${kind} ${i}` }));
};

/** A capture of nothing but what is given. */
function captureOf(rows: readonly TokenKind[], columns: readonly TokenKind[], part: Partial<Capture>): Capture {
  return {
    regimeId: 'any',
    rows: labels(rows),
    columns: labels(columns),
    attention: null,
    residual: null,
    activations: null,
    lens: null,
    answer: [],
    answerProbability: null,
    routing: null,
    ...part,
  };
}

const attentionOf = (...heads: readonly (readonly number[])[]) => {
  return { numHeads: heads.length, data: Float32Array.from(heads.flat()) };
};

describe('compareRows', () => {
  it('gives the cosine and the relative error of all values together', () => {
    // (3, 4) against (4, 3): 24 / 25 and sqrt(2) / 5.
    const { cosine, relativeError } = compareRows(Float32Array.of(3, 4), Float32Array.of(4, 3));
    expect(cosine).toBeCloseTo(0.96, 12);
    expect(relativeError).toBeCloseTo(Math.SQRT2 / 5, 12);
  });

  it('calls equal tensors equal, doubled ones parallel, and zeros at a right angle', () => {
    const x = Float32Array.of(0.1, -0.7, 2.3);
    expect(compareRows(x, x).relativeError).toBe(0);
    expect(compareRows(x, x).cosine).toBeCloseTo(1, 12);
    expect(
      compareRows(
        x.map((value) => 2 * value),
        x,
      ).cosine,
    ).toBeCloseTo(1, 7);
    expect(compareRows(new Float32Array(3), x)).toEqual({ cosine: 0, relativeError: 1 });
  });

  it('never leaves -1 to 1', () => {
    const values = fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, min: -1000, max: 1000 });
    checkProperty(
      fc.property(values, values, (x, reference) => {
        fc.pre(reference.some((value) => Math.abs(value) > 1e-3));
        const { cosine, relativeError } = compareRows(x, reference);
        expect(Math.abs(cosine)).toBeLessThanOrEqual(1);
        expect(relativeError).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it.each([
    [
      [1, 2],
      [0, 0],
    ],
    [
      [1, 2],
      [1, Number.NaN],
    ],
    [
      [1, Number.POSITIVE_INFINITY],
      [1, 2],
    ],
    [[1], [1, 2]],
    [
      [1, 2, 3],
      [1, 2],
    ],
  ])('refuses %j against %j', (x, reference) => {
    expectAppError(() => compareRows(Float32Array.from(x), Float32Array.from(reference)), 'run-failed');
  });
});

describe('renormalise', () => {
  const columns = labels(['virtual', 'virtual', 'begin', 'token']);

  it('drops what the help holds and divides each row by what is left', () => {
    const own = renormalise(attentionOf([0.5, 0.1, 0.4, 0, 0.25, 0.25, 0.125, 0.375]), columns);
    expect(own.columns.map(({ kind }) => kind)).toEqual(['begin', 'token']);
    expect(own.attention.data).toEqual(Float32Array.of(1, 0, 0.25, 0.75));
  });

  it('makes zeros of a row that has nothing left', () => {
    const own = renormalise(attentionOf([0.5, 0.5, 0, 0]), columns);
    expect(own.attention.data).toEqual(Float32Array.of(0, 0));
  });

  it('tells what it drops, head by head', () => {
    const mass = promptMass(attentionOf([0.5, 0.25, 0.25, 0], [0, 0, 0.5, 0.5]), columns);
    expect(mass).toEqual(Float32Array.of(0.75, 0));
  });

  it('drops the text of a prompt too, and nothing where there is no help', () => {
    expect(renormalise(attentionOf([0.5, 0.25, 0.25]), labels(['begin', 'text', 'token'])).attention.data).toEqual(
      Float32Array.from([2 / 3, 1 / 3]),
    );
    expect(promptMass(attentionOf([0.5, 0.5]), labels(['begin', 'token']))).toEqual(Float32Array.of(0));
  });

  it('takes the mean over heads, and nothing of a layer without heads', () => {
    expect(meanOverHeads(attentionOf([1, 0], [0, 1]))).toEqual({ numHeads: 1, data: Float32Array.of(0.5, 0.5) });
    expect(meanOverHeads({ numHeads: 0, data: new Float32Array() }).data).toHaveLength(0);
  });
});

describe('compareAttention', () => {
  const plain = captureOf(['begin', 'token', 'answer'], ['begin', 'token', 'answer'], {
    attention: [attentionOf([1, 0, 0, 0.25, 0.75, 0, 0.1, 0.1, 0.8])],
  });

  it('finds no distance where a prompt takes its mass evenly from the question', () => {
    const prompted = captureOf(['begin', 'token', 'answer'], ['virtual', 'begin', 'token', 'answer'], {
      attention: [attentionOf([0.9, 0.1, 0, 0, 0.5, 0.125, 0.375, 0, 0.9, 0.1, 0, 0])],
    });
    expect(compareAttention(prompted, plain, 0)).toEqual({ cosine: 1, relativeError: 0 });
  });

  it('finds the begin token of a text prompt among the columns', () => {
    const texted = captureOf(['token', 'answer'], ['begin', 'text', 'token', 'answer'], {
      attention: [attentionOf([0.125, 0.5, 0.375, 0, 0, 0, 0, 1])],
    });
    expect(compareAttention(texted, plain, 0)).toEqual({ cosine: 1, relativeError: 0 });
  });

  it('compares the means over heads where a head was removed', () => {
    const two = captureOf(['begin', 'token'], ['begin', 'token'], {
      attention: [attentionOf([1, 0, 0.5, 0.5], [1, 0, 0, 1])],
    });
    expect(compareAttention(two, plain, 0)).toEqual({ cosine: 1, relativeError: 0 });
  });

  it('compares head with head where there are as many', () => {
    const swapped = (first: number[], second: number[]) => {
      return captureOf(['token'], ['begin', 'token'], { attention: [attentionOf(first, second)] });
    };
    const distance = compareAttention(swapped([1, 0], [0, 1]), swapped([0, 1], [1, 0]), 0);
    expect(distance?.cosine).toBe(0);
    expect(distance?.relativeError).toBeCloseTo(Math.SQRT2, 12);
  });

  it('has nothing to compare without attention, without heads, or in a question of no token', () => {
    const headless = captureOf(['begin', 'token'], ['begin', 'token'], {
      attention: [{ numHeads: 0, data: new Float32Array() }],
    });
    const empty = captureOf(['begin'], ['begin'], { attention: [attentionOf([1])] });
    expect(compareAttention({ ...plain, attention: null }, plain, 0)).toBeNull();
    expect(compareAttention(headless, plain, 0)).toBeNull();
    expect(compareAttention(empty, empty, 0)).toBeNull();
  });

  it('refuses captures of different questions', () => {
    const other = captureOf(['begin', 'token', 'token'], ['begin', 'token', 'token'], {});
    expectAppError(() => compareAttention(other, plain, 0), 'input-invalid');
  });

  it('refuses attention that is no number', () => {
    const broken = captureOf(['begin', 'token'], ['begin', 'token'], {
      attention: [attentionOf([1, 0, Number.NaN, Number.NaN])],
    });
    expectAppError(() => compareAttention(broken, plain, 0), 'run-failed');
  });
});

describe('compareLayers', () => {
  const rows = ['begin', 'token', 'answer'] as const;
  const residual = (...values: number[]) => [new Float32Array(6), Float32Array.from(values)];
  const activations = (...values: number[]) => [{ width: values.length / 3, data: Float32Array.from(values) }];
  const reference = captureOf(rows, rows, {
    residual: residual(9, 9, 3, 4, 8, 8),
    activations: activations(9, 9, 1, 0, 8, 8),
  });

  it('looks at the rows of the question alone', () => {
    const x = captureOf(rows, rows, {
      residual: residual(-7, 0, 4, 3, 0, 5),
      activations: activations(0, 0, 0, 1, 0, 0),
    });
    const [layer] = compareLayers(x, reference);
    expect(layer?.attention).toBeNull();
    expect(layer?.residual?.cosine).toBeCloseTo(0.96, 12);
    expect(layer?.activations).toEqual({ cosine: 0, relativeError: Math.SQRT2 });
  });

  it('does not compare activations of other widths, or with zeros', () => {
    const x = captureOf(rows, rows, { residual: residual(0, 0, 4, 3, 0, 0), activations: activations(0, 1, 0) });
    expect(compareLayers(x, reference)[0]?.activations).toBeNull();
    const zeros = captureOf(rows, rows, {
      residual: residual(0, 0, 0, 0, 0, 0),
      activations: activations(1, 1, 0, 0, 1, 1),
    });
    expect(compareLayers(reference, zeros)[0]).toEqual({ attention: null, residual: null, activations: null });
  });

  it('pairs rows by token where a text prompt holds the begin token', () => {
    const x = captureOf(['token', 'answer'], ['begin', 'text', 'token', 'answer'], {
      residual: [new Float32Array(4), Float32Array.of(3, 4, 0, 0)],
    });
    expect(compareLayers(x, reference)[0]?.residual).toEqual({ cosine: 1, relativeError: 0 });
  });
});
