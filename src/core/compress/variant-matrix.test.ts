import { expect, it } from 'vitest';
import { compressLayer, makeGram, makeMatrix } from '../../testing/make-calibration.ts';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { mergeLora } from '../recover/lora.ts';
import type { Lora } from '../recover/repair.ts';
import { toVariant } from './apply-recipe.ts';
import type { RecipeStep } from './recipe.ts';
import type { VariantMatrix } from './variant.ts';

const module = 'model.layers.0.self_attn.q_proj';
const inputs = new Map([['attn' as const, makeGram(32, 1)]]);
const compress = async (...steps: RecipeStep[]): Promise<VariantMatrix> => {
  const result = (await compressLayer(new Map([[module, makeMatrix([6, 32], 2)]]), inputs, steps)).get(module);
  if (result === undefined) throw new Error('it must be there');
  return result;
};
const magnitude = (pattern: '1:4' | '2:4' | '4:8'): RecipeStep => ({ method: 'magnitude', pattern });
const half: RecipeStep = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
const patternOf = async (...steps: RecipeStep[]) => {
  const { pattern } = await compress(...steps);
  return pattern;
};

it('a matrix carries the pattern that it was pruned by, and none without one', async () => {
  expect(await patternOf(magnitude('2:4'))).toBe('2:4');
  expect(await patternOf(half)).toBeNull();
  const calibration = { samples: 1, seed: 0 };
  expect(await patternOf({ method: 'wanda', pattern: '4:8', calibration })).toBe('4:8');
  const walk = { blockSize: 16, dampening: 0.01, calibration };
  expect(await patternOf({ method: 'sparsegpt', pattern: '1:4', ...walk })).toBe('1:4');
});

it('a later step that removes more makes a pattern of its own or breaks the old one', async () => {
  expect(await patternOf(magnitude('2:4'), magnitude('1:4'))).toBe('1:4');
  expect(await patternOf(magnitude('1:4'), magnitude('2:4'))).toBe('1:4'); // what is zero goes first
  expect(await patternOf(magnitude('2:4'), { ...half, sparsity: 0.7 })).toBeNull();
  expect(await patternOf(magnitude('2:4'), { ...half, sparsity: 0.1 })).toBe('2:4'); // only zeros go
});

const GRID = { bits: 4, groupSize: 16, symmetric: false } as const;
const CALIBRATION = { samples: 1, seed: 0 };
const WALK = { blockSize: 16, dampening: 0.01, calibration: CALIBRATION };

it.each<RecipeStep>([
  { method: 'rtn', ...GRID },
  { method: 'gptq', ...GRID, actOrder: true, ...WALK },
  { method: 'awq', ...GRID, calibration: CALIBRATION },
])('a matrix that is rounded by $method keeps its pattern and the mask of it', async (rounding) => {
  const matrix = await compress(magnitude('2:4'), rounding);
  expect(matrix).toMatchObject({ kind: 'quantized', pattern: '2:4' });
  expect(matrix.mask?.reduce((sum, keep) => sum + keep, 0)).toBe((6 * 32) / 2);
});

it('a rounded matrix takes the pattern of a later step, or loses its own to one that breaks it', async () => {
  const rtn: RecipeStep = { method: 'rtn', ...GRID };
  expect(await compress(rtn, magnitude('4:8'))).toMatchObject({ kind: 'quantized', pattern: '4:8' });
  expect(await compress(magnitude('2:4'), rtn, { ...half, sparsity: 0.7 })).toMatchObject({ pattern: null });
  const pruned = await compress(magnitude('2:4'), rtn, { method: 'sparsegpt', sparsity: 0.1, ...WALK });
  expect(pruned).toMatchObject({ kind: 'dense', pattern: '2:4' }); // only zeros go
});

it('a LoRA leaves the pattern where the mask is put on again, and none where it is merged dense', () => {
  const checkpoint = tinyCheckpoint();
  const { matrices } = toVariant(checkpoint);
  const before = matrices.get(module);
  if (before?.kind !== 'dense') throw new Error('it must be dense');
  const [out, columns] = before.shape;
  const part = {
    r: 1,
    scale: 1,
    a: new Float32Array(columns).fill(1),
    b: new Float32Array(out).fill(1),
    shape: before.shape,
  };
  const lora: Lora = { kind: 'lora', modules: new Map([[module, part]]) };
  const mask = Uint8Array.from({ length: out * columns }, (_, i) => (i % 4 < 2 ? 1 : 0));
  const pruned = {
    ...before,
    weight: before.weight.map((value, i) => value * (mask[i] ?? 0)),
    mask,
    pattern: '2:4',
  } as const;
  const variant = { ...toVariant(checkpoint), matrices: new Map([...matrices, [module, pruned] as const]) };
  const merged = (recompress: boolean) => mergeLora(variant, lora, { recompress }).matrices.get(module);
  expect(merged(true)).toMatchObject({ mask, pattern: '2:4' });
  expect(merged(false)).toMatchObject({ mask: null, pattern: null });
});
