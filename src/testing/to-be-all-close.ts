import { expect } from 'vitest';
import type { Tolerance } from './tolerances.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /** Every element within `absolute + relative * |expected|` of its counterpart, in arrays of the same length without NaN. */
    toBeAllClose(expected: ArrayLike<number>, tolerance: Tolerance): T;
  }
}

expect.extend({
  toBeAllClose(received: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance) {
    const { at, difference } = worst(received, expected, tolerance);
    const pass = received.length === expected.length && expected.length > 0 && at === -1;
    const message = () =>
      received.length === expected.length
        ? `element ${at} is ${received[at]}, expected ${expected[at]}; the difference ${difference} is beyond ${JSON.stringify(tolerance)}`
        : `it has ${received.length} elements, expected ${expected.length}`;
    return { pass, message };
  },
});

/** The element furthest beyond its tolerance; -1 where none is. */
function worst(received: ArrayLike<number>, expected: ArrayLike<number>, { absolute, relative }: Tolerance) {
  let at = -1;
  let difference = 0;
  let excess = 0;
  for (let i = 0; i < expected.length; i++) {
    const apart = Math.abs((received[i] ?? Number.NaN) - (expected[i] ?? Number.NaN));
    const beyond = Number.isNaN(apart)
      ? Number.POSITIVE_INFINITY
      : apart - absolute - relative * Math.abs(expected[i] ?? 0);
    if (beyond > excess) [at, difference, excess] = [i, apart, beyond];
  }
  return { at, difference };
}
