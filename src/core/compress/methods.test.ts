import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { BITS, GROUP_SIZES } from './grid.ts';
import { METHODS, methodOf } from './methods.ts';
import { PATTERN_NAMES } from './pruning-amount.ts';
import type { MethodId, RecipeStep } from './recipe.ts';
import { toRecipeKey } from './recipe-key.ts';
import { SCALE_DTYPES } from './rounding-options.ts';
import { ALLOCATIONS } from './structured.ts';

const modules = linearModules(4);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const exclude = fc.subarray(modules);
const calibration = fc.record({ samples: fc.integer({ min: 1, max: 65_536 }), seed: fc.nat(9) });
const walk = { blockSize: fc.constantFrom(1, 128, 2 ** 16), dampening: share, calibration };
const byModule = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom(...modules), value);
const amounts = (rest: Record<string, fc.Arbitrary<unknown>>, beside: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.oneof(
    fc.record({ ...rest, ...beside, sparsity: share, sparsityPerMatrix: byModule(share) }),
    fc.record({ ...rest, pattern: fc.constantFrom(...PATTERN_NAMES) }),
  );
const bits = fc.constantFrom(...BITS);
const rounding = {
  exclude,
  bits,
  groupSize: fc.constantFrom(...GROUP_SIZES),
  symmetric: fc.boolean(),
  scaleDtype: fc.constantFrom(...SCALE_DTYPES),
  bitsPerMatrix: byModule(bits),
  embeddings: fc.option(bits, { nil: undefined }),
};
const units = { exclude, share, allocation: fc.constantFrom(...ALLOCATIONS), calibration };

/** Steps of every method, with all that a recipe may say. */
const STEPS: Record<MethodId, fc.Arbitrary<unknown>> = {
  magnitude: amounts({ method: fc.constant('magnitude'), exclude }, { granularity: fc.constant('per-output') }),
  wanda: amounts({ method: fc.constant('wanda'), exclude, calibration }),
  sparsegpt: amounts({ method: fc.constant('sparsegpt'), exclude, ...walk }),
  rtn: fc.record({ method: fc.constant('rtn'), ...rounding }),
  gptq: fc.record({ method: fc.constant('gptq'), ...rounding, ...walk, actOrder: fc.boolean() }),
  awq: fc.record({ method: fc.constant('awq'), ...rounding, calibration }),
  neurons: fc.record({ method: fc.constant('neurons'), ...units }),
  heads: fc.record({ method: fc.constant('heads'), ...units }),
};

describe.each(Object.entries(STEPS))('the distance between two steps of %s', (id, anyStep) => {
  const steps = anyStep as fc.Arbitrary<RecipeStep>;

  it('is the same from either side, 0 from a step to itself and below 10', () => {
    checkProperty(
      fc.property(steps, steps, (one, other) => {
        const { toDistance } = methodOf(one);
        expect(toDistance(one, one, modules)).toBe(0);
        // A logarithm of a ratio and of its inverse may differ in the last digit.
        expect(toDistance(one, other, modules)).toBeCloseTo(toDistance(other, one, modules), 12);
        expect(toDistance(one, other, modules)).toBeLessThan(10);
      }),
    );
  });

  it('is 0 for a step that asks for the same in other words', () => {
    checkProperty(
      fc.property(steps, (step) => {
        const twice = { ...step, exclude: [...(step.exclude ?? []), ...(step.exclude ?? [])].reverse() };
        expect(toRecipeKey({ version: 1, steps: [twice] })).toBe(toRecipeKey({ version: 1, steps: [step] }));
        expect(methodOf(step).toDistance(step, twice, modules)).toBe(0);
      }),
    );
  });

  it('grows where a step leaves alone what it compressed', () => {
    const whole: RecipeStep = METHODS[id as MethodId].defaultOptions;
    const { toDistance } = methodOf(whole);
    const half = { ...whole, exclude: modules.slice(0, 14) };
    const all = { ...whole, exclude: modules };
    expect(toDistance(whole, half, modules)).toBeGreaterThan(0);
    expect(toDistance(whole, all, modules)).toBeGreaterThan(toDistance(whole, half, modules));
  });
});
