import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { chooseLargest } from './choice-rules.ts';

it('takes the largest score and says by how much', () => {
  expect(chooseLargest([0.25, 0.75, 0.5])).toEqual({ chosen: 1, runnerUp: 2, margin: 0.25 });
});

it('takes the first of equal scores, with the second as runner-up', () => {
  expect(chooseLargest([0.1, 0.3, 0.3])).toEqual({ chosen: 1, runnerUp: 2, margin: 0 });
});

it('has no other runner-up in a pool of one', () => {
  expect(chooseLargest([0.4])).toEqual({ chosen: 0, runnerUp: 0, margin: 0 });
});

it('never chooses a smaller score, and leaves its input as it is', () => {
  checkProperty(
    fc.property(fc.float64Array({ minLength: 2, noNaN: true, min: 0, max: 1 }), (scores) => {
      const before = [...scores];
      const { chosen, runnerUp, margin } = chooseLargest(scores);
      expect(scores[chosen]).toBe(Math.max(...scores));
      expect(margin).toBe((scores[chosen] ?? 0) - (scores[runnerUp] ?? 0));
      expect(runnerUp).not.toBe(chosen);
      expect([...scores]).toEqual(before);
    }),
  );
});

it.each([[[]], [[0.1, Number.NaN]], [[Number.POSITIVE_INFINITY, 0]]])('refuses the scores %j', (scores) => {
  expectAppError(() => chooseLargest(scores), 'run-failed');
});
