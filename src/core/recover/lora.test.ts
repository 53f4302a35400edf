import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { TINY_CONFIG, tinyCheckpoint, toJsonBytes } from '../../testing/make-checkpoint.ts';
import { makeSafetensors } from '../../testing/make-safetensors.ts';
import '../../testing/to-be-all-close.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { linearShape } from '../checkpoint/shapes.ts';
import { applyRecipe } from '../compress/apply-recipe.ts';
import type { RecipeStep } from '../compress/recipe.ts';
import { toCheckpoint, toWeights } from '../compress/variant-matrix.ts';
import { normal, seededRandom } from '../random.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { mergeLora } from './lora.ts';
import { parseRepair } from './parse-repair.ts';
import type { Lora } from './repair.ts';

const plain = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['q_proj', 'up_proj'] };
const random = seededRandom(9);

/** Tensors of the modules that end in one of these names, of rank `rankOf(module)`. */
function makeTensors(ends: readonly string[], rankOf: (module: string) => number = () => 2): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  const draw = (...shape: [number, number]): Tensor => ({
    shape,
    data: Float32Array.from({ length: shape[0] * shape[1] }, () => 0.1 * normal(random)),
  });
  for (const module of linearModules(TINY_CONFIG.numLayers)) {
    if (!ends.some((end) => module.endsWith(end))) continue;
    const [out, inputs] = linearShape(TINY_CONFIG, module.split('.').slice(3).join('.')) ?? [0, 0];
    tensors.set(`base_model.model.${module}.lora_A.weight`, draw(rankOf(module), inputs));
    tensors.set(`base_model.model.${module}.lora_B.weight`, draw(out, rankOf(module)));
  }
  return tensors;
}

const parse = (config: unknown, tensors = makeTensors(['q_proj', 'up_proj'])): Lora => {
  const repair = parseRepair({ config: toJsonBytes(config), weights: makeSafetensors(tensors) }, TINY_CONFIG);
  if (repair.kind !== 'lora') throw new Error('it must be a LoRA');
  return repair;
};
const rejects = (config: unknown, tensors = makeTensors(['q_proj', 'up_proj'])) =>
  expectAppError(() => parse(config, tensors), 'repair-invalid');
const scaleOf = (lora: Lora, module: string) => lora.modules.get(module)?.scale;

describe('the config of a LoRA', () => {
  const up = 'model.layers.0.mlp.up_proj';
  const query = 'model.layers.1.self_attn.q_proj';

  it('gives the scale alpha / r, or alpha / sqrt(r) where it is rank-stabilized', () => {
    expect(scaleOf(parse(plain), up)).toBe(2);
    expect(scaleOf(parse({ ...plain, use_rslora: true }), up)).toBe(4 / Math.sqrt(2));
  });

  it('may give some modules another rank or alpha, by name or its end', () => {
    const config = { ...plain, rank_pattern: { up_proj: 4 }, alpha_pattern: { [query]: 16 } };
    const lora = parse(
      config,
      makeTensors(['q_proj', 'up_proj'], (module) => (module.endsWith('up_proj') ? 4 : 2)),
    );
    expect(scaleOf(lora, up)).toBe(1);
    expect(scaleOf(lora, query)).toBe(8);
    expect(scaleOf(lora, 'model.layers.0.self_attn.q_proj')).toBe(2);
  });

  it('does not take an end that is only part of a name', () => {
    const config = { ...plain, alpha_pattern: { proj: 16 } };
    expect(scaleOf(parse(config), up)).toBe(2);
  });

  it.each([['.*_proj'], ['all-linear'], [null]])('may name its targets by %j; the tensors then tell', (targets) => {
    expect(parse({ ...plain, target_modules: targets }).modules.size).toBe(4);
  });

  it('may be for some layers only', () => {
    const all = makeTensors(['q_proj', 'up_proj']);
    const second = new Map([...all].filter(([name]) => name.includes('layers.1')));
    expect([...parse({ ...plain, layers_to_transform: [1] }, second).modules.keys()]).toEqual([
      query,
      'model.layers.1.mlp.up_proj',
    ]);
    rejects({ ...plain, layers_to_transform: [0] }, second);
    rejects({ ...plain, layers_to_transform: 'last' }, second);
  });

  it.each([
    ['use_dora', true],
    ['bias', 'all'],
    ['lora_bias', true],
    ['fan_in_fan_out', true],
    ['modules_to_save', ['lm_head']],
    ['layer_replication', [[0, 1]]],
    ['target_parameters', ['w']],
    ['init_lora_weights', 'pissa'],
    ['init_lora_weights', 'loftq'],
  ])('is refused by name where %s is %j', (field, value) => {
    expect(rejects({ ...plain, [field]: value }).message).toContain(field);
  });

  it.each([
    ['use_dora', false],
    ['bias', 'none'],
    ['modules_to_save', null],
    ['modules_to_save', []],
    ['init_lora_weights', 'gaussian'],
    ['lora_dropout', 0.1],
    ['unheard_of', { a: 1 }],
  ])('is taken where %s is %j', (field, value) => {
    expect(parse({ ...plain, [field]: value }).modules.size).toBe(4);
  });

  it.each([
    ['r', 0],
    ['r', 3],
    ['r', undefined],
    ['r', 1.5],
    ['lora_alpha', '4'],
    ['lora_alpha', 1e300],
    ['lora_alpha', null],
    ['rank_pattern', { up_proj: 0 }],
    ['rank_pattern', { 'up_proj|q_proj': 4 }],
    ['rank_pattern', [4]],
    ['alpha_pattern', { up_proj: 'x' }],
    ['target_modules', 7],
    ['target_modules', ['q_proj']],
    ['target_modules', ['q_proj', 'up_proj', 'down_proj']],
  ])('is refused where %s is %j', (field, value) => {
    rejects({ ...plain, [field]: value });
  });
});

describe('the tensors of a LoRA', () => {
  it('are refused where a half is missing, a shape is of another model, or a module is unknown', () => {
    const name = 'base_model.model.model.layers.0.mlp.up_proj.lora_B.weight';
    const half = makeTensors(['q_proj', 'up_proj']);
    half.delete(name);
    expect(rejects(plain, half).details).toMatchObject({ field: name, observed: 'missing' });
    const other = makeTensors(['q_proj', 'up_proj']).set(name, { shape: [63, 2], data: new Float32Array(126) });
    expect(rejects(plain, other).message).toMatch(/\[63, 2\].*\[64, 2\]/);
    const more = makeTensors(['q_proj', 'up_proj']).set('base_model.model.lm_head.lora_A.weight', {
      shape: [2, 32],
      data: new Float32Array(64),
    });
    expect(rejects(plain, more).details.field).toContain('lm_head');
    expect(rejects({ ...plain, target_modules: null }, new Map()).details.observed).toBe('empty');
  });
});

describe('merging', () => {
  const checkpoint = tinyCheckpoint();
  const steps: RecipeStep[] = [
    { method: 'magnitude', sparsity: 0.6, granularity: 'per-output' },
    { method: 'rtn', bits: 4, groupSize: 16, symmetric: false },
  ];
  const make = (...chosen: RecipeStep[]) => applyRecipe(checkpoint, { version: 1, steps: chosen });
  const lora = parse(plain);

  it('adds alpha / r * B A to every weight, and nothing elsewhere', async () => {
    const variant = await applyRecipe(checkpoint, null);
    const merged = mergeLora(variant, lora, { recompress: false });
    for (const [module, matrix] of merged.matrices) {
      const before = variant.matrices.get(module);
      const adapter = lora.modules.get(module);
      if (before === undefined) throw new Error(module);
      if (adapter === undefined) {
        expect(matrix).toBe(before);
        continue;
      }
      const [out, inputs] = matrix.shape;
      const expected = new Float32Array(out * inputs);
      for (let o = 0; o < out; o++) {
        for (let i = 0; i < inputs; i++) {
          let sum = 0;
          for (let k = 0; k < adapter.r; k++)
            sum += (adapter.b[o * adapter.r + k] ?? 0) * (adapter.a[k * inputs + i] ?? 0);
          expected[o * inputs + i] = (toWeights(before)[o * inputs + i] ?? 0) + 2 * sum;
        }
      }
      expect(toWeights(matrix)).toBeAllClose(expected, { relative: 1e-6, absolute: 1e-7 });
    }
  });

  it('leaves the variant and the adapter bitwise as they were', async () => {
    const variant = await make(...steps);
    const before = structuredClone({ variant, lora });
    mergeLora(variant, lora, { recompress: false });
    mergeLora(variant, lora, { recompress: true });
    expect({ variant, lora }).toEqual(before);
  });

  it('fills the zeros of a pruned matrix, and keeps them where it is compressed again', async () => {
    const module = 'model.layers.0.mlp.up_proj';
    const variant = await make({ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' });
    const [merged, again] = [false, true].map((recompress) =>
      mergeLora(variant, lora, { recompress }).matrices.get(module),
    );
    const mask = variant.matrices.get(module)?.mask;
    expect(merged).toMatchObject({ kind: 'dense', mask: null });
    expect(merged?.kind === 'dense' && merged.weight.every((value) => value !== 0)).toBe(true);
    if (again?.kind !== 'dense' || merged?.kind !== 'dense') throw new Error('both must be dense');
    expect(again.mask).toEqual(mask);
    expect(again.weight).toEqual(merged.weight.map((value, i) => (mask?.[i] === 1 ? value : 0)));
  });

  it('puts a quantized matrix back on its own grid and mask', async () => {
    const module = 'model.layers.0.mlp.up_proj';
    const variant = await make(...steps);
    const before = variant.matrices.get(module);
    const again = mergeLora(variant, lora, { recompress: true }).matrices.get(module);
    if (before?.kind !== 'quantized' || again?.kind !== 'quantized') throw new Error('both must be quantized');
    expect({ ...again, codes: before.codes }).toEqual(before);
    expect(again.codes).not.toEqual(before.codes);
    const weights = toWeights(again);
    expect(weights.every((value, i) => before.mask?.[i] === 1 || value === 0)).toBe(true);
  });

  it('of a LoRA whose B is zero changes no weight, with or without compressing again', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(fc.constantFrom(...steps), fc.boolean(), async (step, recompress) => {
        const modules = new Map([...lora.modules].map(([name, part]) => [name, { ...part, b: part.b.map(() => 0) }]));
        const variant = await make(step);
        const merged = mergeLora(variant, { kind: 'lora', modules }, { recompress });
        expect(toCheckpoint(merged)).toEqual(toCheckpoint(variant));
      }),
      8,
    );
  });

  it('is refused where the model has no such module', async () => {
    const variant = await applyRecipe(checkpoint, null);
    const part = lora.modules.get('model.layers.0.mlp.up_proj');
    if (part === undefined) throw new Error('the adapter has this module');
    const foreign: Lora = { kind: 'lora', modules: new Map([['model.layers.7.mlp.up_proj', part]]) };
    expectAppError(() => mergeLora(variant, foreign, { recompress: false }), 'repair-invalid');
  });
});
