import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { TINY_CONFIG } from '../../testing/make-checkpoint.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { methodOf } from './methods.ts';
import { checkRecipe, parseRecipe } from './parse-recipe.ts';
import { withAmount } from './pruning-amount.ts';
import type { RecipeStep } from './recipe.ts';
import { toRecipeKey, toRecipeLabel } from './recipe-key.ts';

const calibration = { samples: 8, seed: 1 };
const module = 'model.layers.1.mlp.up_proj';
const parse = (step: object): RecipeStep => {
  const [parsed] = parseRecipe({ version: 1, steps: [step] }).steps;
  if (parsed === undefined) throw new Error('a recipe has a step');
  return parsed;
};
const toKey = (step: object) => toRecipeKey({ version: 1, steps: [parse(step)] });
const refusal = (step: object) => expectAppError(() => parse(step), 'recipe-invalid').details;
const check = (step: object, config = TINY_CONFIG) => checkRecipe({ version: 1, steps: [parse(step)] }, config);

const methods = [
  { name: 'magnitude', rest: { method: 'magnitude' }, share: { granularity: 'per-layer' } },
  { name: 'wanda', rest: { method: 'wanda', calibration }, share: {} },
  { name: 'sparsegpt', rest: { method: 'sparsegpt', blockSize: 16, dampening: 0.01, calibration }, share: {} },
];

describe.each(methods)('how much $name prunes', ({ rest, share }) => {
  const bySparsity = { ...rest, ...share, sparsity: 0.5 };
  const byPattern = { ...rest, pattern: '2:4' };

  it.each([bySparsity, { ...bySparsity, sparsityPerMatrix: { [module]: 0.25 } }, byPattern])('may be %j', (step) => {
    expect(parse(step)).toEqual(step);
    check(step);
  });

  it('is a sparsity or a pattern, not both and not neither', () => {
    expect(refusal({ ...byPattern, sparsity: 0.5 })).toMatchObject({ field: 'sparsity', observed: '0.5' });
    expect(refusal({ ...byPattern, sparsityPerMatrix: {} })).toMatchObject({ field: 'sparsityPerMatrix' });
    expect(refusal({ ...rest, ...share })).toMatchObject({ field: 'sparsity', observed: 'nothing' });
  });

  it('is a pattern or sparsity that exists', () => {
    expect(refusal({ ...rest, pattern: '3:4' })).toMatchObject({ field: 'pattern', allowed: '1:4 or 2:4 or 4:8' });
    const sparsityPerMatrix = { [module]: 1.5 };
    expect(refusal({ ...bySparsity, sparsityPerMatrix }).field).toBe(`sparsityPerMatrix.${module}`);
  });

  it('fits the model: its modules, and groups that divide its inputs', () => {
    const unknown = { ...bySparsity, sparsityPerMatrix: { 'model.layers.2.mlp.up_proj': 0.5 } };
    expect(expectAppError(() => check(unknown), 'recipe-invalid').details.field).toBe('sparsityPerMatrix');
    const odd = { ...TINY_CONFIG, intermediateSize: 66 };
    const { message } = expectAppError(() => check(byPattern, odd), 'recipe-invalid');
    expect(message).toMatch(/2:4.*66 inputs of model\.layers\.0\.mlp\.down_proj/);
    check({ ...byPattern, exclude: ['model.layers.0.mlp.down_proj', 'model.layers.1.mlp.down_proj'] }, odd);
  });

  it('tells recipes apart by their keys, except where overrides say the usual', () => {
    const steps = [
      bySparsity,
      { ...bySparsity, sparsity: 0.6 },
      { ...bySparsity, sparsityPerMatrix: { [module]: 0.25 } },
      { ...bySparsity, sparsityPerMatrix: { 'model.layers.0.mlp.up_proj': 0.25 } },
      byPattern,
      { ...byPattern, pattern: '4:8' },
    ];
    expect(new Set(steps.map(toKey)).size).toBe(steps.length);
    expect(toKey({ ...bySparsity, sparsityPerMatrix: { [module]: 0.5 } })).toBe(toKey(bySparsity));
  });

  const modules = linearModules(TINY_CONFIG.numLayers);
  const overrides = (level: number) => Object.fromEntries(modules.map((name) => [name, level]));
  const distance = (one: object, other: object) => {
    const step = parse(one);
    return methodOf(step).toDistance(step, parse(other), modules);
  };

  it('lies nearer to a like amount than to another', () => {
    expect(distance(byPattern, byPattern)).toBe(0);
    expect(distance(byPattern, bySparsity)).toBeGreaterThan(0);
    expect(distance(byPattern, { ...byPattern, pattern: '1:4' })).toBeGreaterThan(distance(byPattern, bySparsity));
    const { [module]: _, ...others } = overrides(0.3);
    expect(distance(bySparsity, { ...bySparsity, sparsityPerMatrix: { [module]: 0.25 } })).toBeGreaterThan(0);
    expect(distance(bySparsity, { ...bySparsity, sparsityPerMatrix: overrides(0.49) })).toBeLessThan(
      distance(bySparsity, { ...bySparsity, sparsityPerMatrix: overrides(0.3) }),
    );
    // The same in other words: most matrices have a level of their own.
    const mostly = { ...bySparsity, sparsity: 0.3, sparsityPerMatrix: { [module]: 0.5 } };
    expect(distance({ ...bySparsity, sparsityPerMatrix: others }, mostly)).toBe(0);
  });

  it('lies far from one that leaves most matrices alone', () => {
    const exclude = modules.slice(0, 9);
    expect(distance(bySparsity, { ...bySparsity, exclude })).toBeGreaterThan(
      distance(bySparsity, { ...bySparsity, sparsity: 0.55 }),
    );
    expect(distance({ ...byPattern, exclude }, byPattern)).toBeGreaterThan(0.05);
  });
});

it('magnitude has no granularity beside a pattern, and no sparsity by matrix where all matrices are compared', () => {
  const magnitude = { method: 'magnitude', granularity: 'global' };
  expect(refusal({ ...magnitude, pattern: '2:4' }).field).toBe('granularity');
  expect(refusal({ ...magnitude, sparsity: 0.5, sparsityPerMatrix: { [module]: 0.2 } }).field).toBe(
    'sparsityPerMatrix',
  );
});

it('the keys of recipes that kept results were found by are the same as ever', () => {
  expect(toKey({ method: 'magnitude', sparsity: 0.46, granularity: 'per-output' })).toBe('magnitude 0.46 per-output');
  const rtn = { method: 'rtn', bits: 4, groupSize: 32, symmetric: false, bitsPerMatrix: { b: 2, a: 2 } };
  expect(toKey(rtn)).toBe('rtn 4/32 asymmetric F16 with a=2,b=2');
});

it('is told in words', () => {
  const label = (step: object) => toRecipeLabel({ version: 1, steps: [parse(step)] });
  expect(label({ method: 'wanda', pattern: '2:4', calibration })).toBe('Wanda 2:4');
  const mixed = { method: 'wanda', sparsity: 0.5, sparsityPerMatrix: { a: 0.25 }, calibration };
  expect(label(mixed)).toBe('Wanda 25 to 50 %');
});

it('another amount takes the place of the old one whole', () => {
  const step = { method: 'wanda', sparsity: 0.5, sparsityPerMatrix: { a: 0.1 }, calibration } as const;
  expect(withAmount(step, { pattern: '1:4' })).toEqual({ method: 'wanda', pattern: '1:4', calibration });
});

describe('the calibration of a step', () => {
  const wanda = { method: 'wanda', sparsity: 0.5, calibration };

  it.each([
    ['calibration', undefined],
    ['calibration', 8],
    ['calibration.samples', { samples: 0, seed: 1 }],
    ['calibration.samples', { samples: 1.5, seed: 1 }],
    ['calibration.samples', { seed: 1 }],
    ['calibration.seed', { samples: 8, seed: -1 }],
    ['calibration.seed', { samples: 8, seed: 2 ** 32 }],
  ])('is refused by %s where it is %j', (field, wrong) => {
    expect(refusal({ ...wanda, calibration: wrong }).field).toBe(field);
  });

  it('tells recipes apart', () => {
    const seeds = [calibration, { samples: 9, seed: 1 }, { samples: 8, seed: 2 }];
    expect(new Set(seeds.map((each) => toKey({ ...wanda, calibration: each }))).size).toBe(3);
  });
});

describe('a walk over columns', () => {
  const gptq = {
    method: 'gptq',
    bits: 4,
    groupSize: 16,
    symmetric: false,
    actOrder: true,
    blockSize: 32,
    dampening: 0.01,
    calibration,
  };

  it.each([
    ['blockSize', { ...gptq, blockSize: 24 }],
    ['blockSize', { ...gptq, blockSize: 0 }],
    ['dampening', { ...gptq, dampening: -0.01 }],
    ['dampening', { ...gptq, dampening: Number.NaN }],
    ['actOrder', { ...gptq, actOrder: undefined }],
    ['blockSize', { method: 'sparsegpt', pattern: '4:8', blockSize: 12, dampening: 0.01, calibration }],
  ])('is refused by %s in %j', (field, step) => {
    expect(refusal(step).field).toBe(field);
  });

  it('tells recipes apart by every option', () => {
    const steps = [
      gptq,
      { ...gptq, actOrder: false },
      { ...gptq, blockSize: 64 },
      { ...gptq, dampening: 0.1 },
      { ...gptq, bits: 2 },
      { ...gptq, calibration: { samples: 9, seed: 1 } },
    ];
    expect(new Set(steps.map(toKey)).size).toBe(steps.length);
  });
});
