import { expect, it } from 'vitest';
import { makeGram, makeMatrix } from '../../testing/make-calibration.ts';
import { plainOutputError } from '../../testing/plain-output-error.ts';
import { plainAlgebra } from '../linear-algebra/plain-algebra.ts';
import { outputError } from './output-error.ts';

it.each([1, 7, 256, 300, 520])(
  'is what plain loops say, of %i inputs, with a pause after each block of them',
  async (size) => {
    const gram = makeGram(size, size, 8);
    const { weight } = makeMatrix([3, size], 2);
    let pauses = 0;
    const pause = async () => {
      pauses += 1;
    };
    const expected = plainOutputError(weight, gram);
    const error = await outputError(weight, gram, { algebra: plainAlgebra, pause });
    expect(Math.abs(error - expected)).toBeLessThan(1e-12 * Math.abs(expected));
    expect(pauses).toBe(Math.ceil(size / 256));
  },
);
