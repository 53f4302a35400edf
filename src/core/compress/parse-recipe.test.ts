import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { readGolden } from '../../testing/fixtures.ts';
import { TINY_CONFIG } from '../../testing/make-checkpoint.ts';
import { METHODS } from './methods.ts';
import { checkRecipe, parseRecipe } from './parse-recipe.ts';

const prune = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
const round = { method: 'rtn', bits: 4, groupSize: 32, symmetric: false };
const recipe = (...steps: unknown[]) => ({ version: 1, steps });
const rejects = (json: unknown) => expectAppError(() => parseRecipe(json), 'recipe-invalid');

it('takes the recipes of the fixtures and the defaults of every method as they are', () => {
  const { recipes } = readGolden();
  for (const json of Object.values(recipes)) expect(parseRecipe(json)).toEqual(json);
  for (const [id, { defaultOptions }] of Object.entries(METHODS)) {
    expect(defaultOptions.method).toBe(id);
    expect(parseRecipe(recipe(defaultOptions))).toEqual(recipe(defaultOptions));
  }
});

it('ignores what stands beside the steps', () => {
  expect(parseRecipe({ ...recipe(prune), author: 'y' })).toEqual(recipe(prune));
});

it.each([
  ['sparsty', { ...prune, sparsty: 0.7 }],
  ['bits', { ...prune, bits: 4 }],
  ['granularity', { ...METHODS.wanda.defaultOptions, granularity: 'global' }],
  ['desc_act', { ...METHODS.gptq.defaultOptions, desc_act: true }],
  ['calibration.sentences', { ...METHODS.awq.defaultOptions, calibration: { samples: 8, seed: 0, sentences: 9 } }],
])('refuses the option %s of a step whose method has no such one, and says which it has', (field, step) => {
  const { message, details } = rejects(recipe(step));
  expect(details.field).toBe(field);
  expect(message).toMatch(/ where no field but (method|samples), .* must stand\.$/);
});

describe('sparsity', () => {
  it.each([0, 0.5, 1])('may be %d', (sparsity) => {
    expect(parseRecipe(recipe({ ...prune, sparsity })).steps[0]).toMatchObject({ sparsity });
  });

  it.each([Number.NaN, 1.5, -0, -0.1, Number.POSITIVE_INFINITY, '0.5', null, undefined, [0.5]])(
    'may not be %s; the refusal names field, value and rule',
    (sparsity) => {
      const { message, details } = rejects(recipe(prune, { ...prune, sparsity }));
      expect(message).toMatch(/^Step 2 .*sparsity is .* from 0 to 1/);
      expect(details).toMatchObject({ step: 2, field: 'sparsity' });
    },
  );
});

describe('other fields', () => {
  it.each([
    ['granularity', { ...prune, granularity: 'per-input' }],
    ['granularity', { ...prune, granularity: undefined }],
    ['bits', { ...round, bits: 5 }],
    ['bits', { ...round, bits: '4' }],
    ['groupSize', { ...round, groupSize: 24 }],
    ['groupSize', { ...round, groupSize: Number.NaN }],
    ['symmetric', { ...round, symmetric: 0 }],
    ['scaleDtype', { ...round, scaleDtype: 'BF16' }],
    ['bitsPerMatrix', { ...round, bitsPerMatrix: [2] }],
    ['bitsPerMatrix.a', { ...round, bitsPerMatrix: { a: 7 } }],
    ['exclude', { ...prune, exclude: 'a' }],
    ['exclude', { ...prune, exclude: [1] }],
    ['method', { ...prune, method: 'wanda2' }],
    ['method', { ...prune, method: 'constructor' }],
    ['method', {}],
    ['step', null],
    ['step', 'magnitude'],
  ])('are refused by name: %s', (field, step) => {
    expect(rejects(recipe(step)).details.field).toBe(field);
  });

  it('are taken where they are right', () => {
    const full = {
      ...round,
      symmetric: true,
      scaleDtype: 'F32',
      bitsPerMatrix: { a: 2 },
      embeddings: 8,
      exclude: ['b'],
    };
    expect(parseRecipe(recipe(full)).steps[0]).toEqual(full);
  });
});

it.each([
  null,
  [],
  'x',
  {},
  { version: 2, steps: [prune] },
  { version: 1 },
  recipe(),
  recipe(...new Array(9).fill(prune)),
])('refuses %j as a whole', (json) => {
  rejects(json);
});

describe('the fit to a model', () => {
  const fits = (step: unknown) => checkRecipe(parseRecipe(recipe(step)), TINY_CONFIG);
  const name = 'model.layers.1.mlp.up_proj';

  it('refuses a group size that does not divide, with the matrix, and takes it where that matrix is excluded', () => {
    const config = { ...TINY_CONFIG, intermediateSize: 72 };
    const check = (exclude: string[]) => () =>
      checkRecipe(parseRecipe(recipe({ ...round, groupSize: 16, exclude })), config);
    const error = expectAppError(check(['model.layers.0.mlp.down_proj']), 'recipe-invalid');
    expect(error.message).toMatch(/16.*72 inputs of model\.layers\.1\.mlp\.down_proj/);
    check(['model.layers.0.mlp.down_proj', 'model.layers.1.mlp.down_proj'])();
  });

  it.each(['model.layers.2.mlp.up_proj', 'mlp.up_proj', 'model.embed_tokens', '__proto__', ''])(
    'refuses the unknown module %j, and takes a known one',
    (unknown) => {
      for (const step of [prune, round]) {
        fits({ ...step, exclude: [name] });
        const error = expectAppError(() => fits({ ...step, exclude: [unknown] }), 'recipe-invalid');
        expect(error.details.field).toBe('exclude');
      }
      fits({ ...round, bitsPerMatrix: { [name]: 2 } });
      const bitsPerMatrix: unknown = JSON.parse(`{${JSON.stringify(unknown)}: 2}`);
      expectAppError(() => fits({ ...round, bitsPerMatrix }), 'recipe-invalid');
    },
  );
});
