import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAsyncProperty } from '../../testing/check-property.ts';
import { expectAppError } from '../../testing/expect-error.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { mutateBytes } from '../../testing/make-safetensors.ts';
import { parseCheckpoint } from '../checkpoint/parse.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import { buildSafetensors, safetensorsSize, type TensorToStore } from '../safetensors/build.ts';
import { parseSafetensors } from '../safetensors/parse.ts';
import { applyRecipe, toVariant } from './apply-recipe.ts';
import {
  buildCompressedCheckpoint,
  parseCompressedCheckpoint,
  toCompressedTensors,
  toNotes,
} from './compressed-checkpoint.ts';
import { parseRecipe } from './parse-recipe.ts';
import type { Recipe } from './recipe.ts';
import { countZeros, storedBytes, variantSize } from './size.ts';
import { storedNames } from './stored-matrix.ts';
import { toWeights } from './variant-matrix.ts';

const checkpoint = tinyCheckpoint();
const UP = 'model.layers.0.mlp.up_proj'; // [64, 32]
const names = storedNames(UP);

const recipe = (...steps: unknown[]): Recipe => parseRecipe({ version: 1, steps });
const magnitude = (sparsity: number) => ({ method: 'magnitude', sparsity, granularity: 'per-output' });
const pattern = (of: string) => ({ method: 'magnitude', pattern: of });
const rtn = (bits: number, symmetric = false) => ({ method: 'rtn', bits, groupSize: 16, symmetric, scaleDtype: 'F32' });

/** Bit for bit; `toEqual` takes a hundred times as long. */
function isSame(one: Float32Array | Uint8Array, other: Float32Array | Uint8Array): boolean {
  return Buffer.compare(new Uint8Array(one.buffer), new Uint8Array(other.buffer)) === 0;
}

const anyStep = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => magnitude(Math.abs(share))),
  fc.constantFrom('1:4', '2:4', '4:8').map(pattern),
  fc.tuple(fc.constantFrom(2, 3, 4, 8), fc.boolean()).map(([bits, symmetric]) => rtn(bits, symmetric)),
);
const anyRecipe = fc
  .tuple(fc.array(anyStep, { minLength: 1, maxLength: 3 }), fc.subarray([UP, 'model.layers.1.self_attn.q_proj']))
  .map(([steps, exclude]) => recipe(...steps.map((step) => ({ ...step, exclude }))));

it('a rounded matrix that SparseGPT pruned comes back as the dense one that it became', async () => {
  const walk = { blockSize: 16, dampening: 0.01, calibration: { samples: 8, seed: 0 } };
  const made = recipe(rtn(4), { method: 'sparsegpt', sparsity: 0.5, ...walk });
  const sentences = [
    [2, 5, 9, 7, 11],
    [3, 8, 4],
    [6, 12, 10, 14],
  ];
  const variant = await compressPlainly(checkpoint, sentences, made.steps);
  const parsed = parseCompressedCheckpoint(buildCompressedCheckpoint(variant, made, 'F32'), checkpoint, made);
  for (const [module, matrix] of variant.matrices) {
    const found = parsed.matrices.get(module);
    if (found === undefined) throw new Error(`no matrix ${module}`);
    expect(isSame(toWeights(found), toWeights(matrix)), module).toBe(true);
  }
});

describe('any variant', () => {
  it('comes back from its file with the same weights, and is written as the same bytes again', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(anyRecipe, async (made) => {
        const variant = await applyRecipe(checkpoint, made);
        const bytes = buildCompressedCheckpoint(variant, made, 'F32');
        const parsed = parseCompressedCheckpoint(bytes, checkpoint, made);
        for (const [module, matrix] of variant.matrices) {
          const found = parsed.matrices.get(module);
          if (found === undefined) throw new Error(`no matrix ${module}`);
          expect(isSame(toWeights(found), toWeights(matrix)), module).toBe(true);
          expect(found.kind === 'quantized' && found.symmetric).toBe(matrix.kind === 'quantized' && matrix.symmetric);
          expect(countZeros(found), module).toBe(countZeros(matrix));
        }
        expect(isSame(buildCompressedCheckpoint(parsed, made, 'F32'), bytes)).toBe(true);
      }),
    );
  });

  it('takes exactly the bytes that were counted before, matrix by matrix and as a file', async () => {
    await checkAsyncProperty(
      fc.asyncProperty(anyRecipe, fc.constantFrom('F16' as const, 'F32' as const), async (made, dtype) => {
        const variant = await applyRecipe(checkpoint, made);
        const bytes = buildCompressedCheckpoint(variant, made, dtype);
        expect(safetensorsSize(toCompressedTensors(variant, dtype), toNotes(made))).toBe(bytes.length);
        const { tensors } = parseSafetensors(bytes);
        for (const [module, matrix] of variant.matrices) {
          const own = [...tensors].filter(([name]) => name.startsWith(`${module}.`));
          const sum = own.reduce((total, [, stored]) => total + stored.bytes.length, 0);
          expect(sum, module).toBe(storedBytes(matrix, dtype));
        }
      }),
    );
  });
});

it('keeps the mask of a pruned matrix apart from kept weights that are zero', async () => {
  const made = recipe(magnitude(0.5));
  const variant = await applyRecipe(checkpoint, made);
  const matrix = variant.matrices.get(UP);
  if (matrix?.kind !== 'dense' || matrix.mask === null) throw new Error('it must be pruned');
  matrix.weight[matrix.mask.indexOf(1)] = 0;
  const parsed = parseCompressedCheckpoint(buildCompressedCheckpoint(variant, made, 'F32'), checkpoint, made);
  expect(parsed.matrices.get(UP)).toEqual(matrix);
});

describe('a matrix that is pruned and then rounded', () => {
  const streamsOf = async (made: Recipe) => {
    const variant = await applyRecipe(checkpoint, made);
    const bytes = buildCompressedCheckpoint(variant, made, 'F32');
    const { tensors } = parseSafetensors(bytes);
    const lengthOf = (name: string) => tensors.get(name)?.bytes.length ?? null;
    const parsed = parseCompressedCheckpoint(bytes, checkpoint, made).matrices.get(UP);
    return { matrix: variant.matrices.get(UP), parsed, lengthOf };
  };

  it('is stored as a mask of what is not zero and the codes of that, and comes back with this mask', async () => {
    const { matrix, parsed, lengthOf } = await streamsOf(recipe(pattern('2:4'), rtn(3)));
    if (matrix?.kind !== 'quantized' || matrix.mask === null) throw new Error('it must be pruned and rounded');
    const weights = toWeights(matrix);
    const left = weights.filter((weight) => weight !== 0).length;
    expect(left).toBeLessThan(matrix.mask.reduce((sum, keep) => sum + keep, 0)); // rounding made some zero too
    expect([lengthOf(names.mask), lengthOf(names.codes)]).toEqual([(64 * 32) / 8, Math.ceil((left * 3) / 8)]);
    expect(lengthOf(names.indices)).toBeNull();
    const mask = Uint8Array.from(weights, (weight) => (weight === 0 ? 0 : 1));
    expect(parsed).toEqual({ ...matrix, mask, pattern: null });
  });

  it('is stored as the codes of its pattern and their places, and comes back with the pattern', async () => {
    const { matrix, parsed, lengthOf } = await streamsOf(recipe(pattern('1:4'), rtn(8)));
    expect([lengthOf(names.indices), lengthOf(names.codes)]).toEqual([(512 * 2) / 8, 512]);
    expect(lengthOf(names.mask)).toBeNull();
    expect(matrix).toMatchObject({ kind: 'quantized', pattern: '1:4' });
    expect(parsed).toEqual(matrix);
  });

  it('is stored as all of its codes where a mask would spare nothing', async () => {
    const { parsed, lengthOf } = await streamsOf(recipe(magnitude(0.2), rtn(2)));
    expect([lengthOf(names.mask), lengthOf(names.codes)]).toEqual([null, (64 * 32) / 4]);
    if (parsed?.kind !== 'quantized') throw new Error('it must be rounded');
    expect(parsed.mask?.filter((keep) => keep === 0)).toHaveLength(countZeros(parsed));
  });

  it('is a value or a typed error with its tensor, whatever byte of mask, places or codes is damaged', async () => {
    for (const made of [recipe(magnitude(0.5), rtn(3)), recipe(pattern('1:4'), rtn(3))]) {
      const sound = toCompressedTensors(await applyRecipe(checkpoint, made), 'F32');
      let refused = 0;
      for (let seed = 0; seed < 100; seed++) {
        const tensors = new Map(sound);
        for (const name of [names.mask, names.indices, names.codes]) {
          const tensor = sound.get(name);
          if (tensor === undefined) continue;
          const bytes = mutateBytes(typeof tensor.bytes === 'function' ? tensor.bytes() : tensor.bytes, seed);
          tensors.set(name, { ...tensor, shape: [bytes.length], bytes });
        }
        const file = buildSafetensors(tensors, toNotes(made));
        try {
          const found = parseCompressedCheckpoint(file, checkpoint, made).matrices.get(UP);
          if (found === undefined) throw new Error(`no matrix ${UP}`);
          expect(toWeights(found).every(Number.isFinite)).toBe(true);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          expect(error.code).toBe('checkpoint-invalid');
          expect([names.mask, names.indices, names.codes]).toContain(error.details.field);
          refused += 1;
        }
      }
      expect(refused).toBeGreaterThan(50);
    }
  });
});

it('carries the scales of inputs, where awq gave a matrix some', async () => {
  const made = recipe({ ...rtn(4), method: 'awq', calibration: { samples: 4, seed: 0 } });
  const { matrices } = await applyRecipe(checkpoint, recipe(rtn(4)));
  const scaled = new Map(
    [...matrices].map(([module, matrix], i) => {
      if (matrix.kind === 'dense') throw new Error('it must be quantized');
      const inputScales = i % 2 === 0 ? null : new Float32Array(matrix.shape[1]).fill(0.75);
      return [module, { ...matrix, inputScales }] as const;
    }),
  );
  const variant = { ...toVariant(checkpoint), matrices: scaled };
  const bytes = buildCompressedCheckpoint(variant, made, 'F16');
  expect(parseCompressedCheckpoint(bytes, checkpoint, made)).toEqual(variant);
  const size = [...parseSafetensors(bytes).tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  expect(size).toBe(variantSize(variant, 'F16').linearBytes);
});

describe('a variant without some of its units', () => {
  const calibration = { samples: 4, seed: 0 };
  const remove = (method: string, allocation = 'uniform') => ({ method, share: 0.5, allocation, calibration });
  const samples = [
    [0, 7, 21, 3, 39, 12],
    [0, 5, 9, 30],
  ];
  const compress = (steps: readonly unknown[]) => compressPlainly(checkpoint, samples, steps);

  it.each([
    ['alone', [remove('neurons', 'global'), remove('heads')]],
    ['behind pruning', [magnitude(0.5), remove('neurons')]],
    ['behind rounding', [rtn(4), remove('heads')]],
    ['before rounding', [remove('heads', 'global'), remove('neurons'), { ...rtn(4), exclude: [UP] }]],
    ['of no unit at all', [{ ...remove('neurons'), share: 0 }]],
  ])('comes back from its file and takes the bytes that were counted: %s', async (_, steps) => {
    const made = recipe(...steps);
    const variant = await compress(steps);
    const bytes = buildCompressedCheckpoint(variant, made, 'F32');
    const parsed = parseCompressedCheckpoint(bytes, checkpoint, made);
    expect(parsed).toEqual(variant);
    const { tensors } = parseSafetensors(bytes);
    const size = [...tensors.values()].reduce((sum, stored) => sum + stored.bytes.length, 0);
    const { storedBytes: all, linearBytes } = variantSize(variant, 'F32');
    const other = [...checkpoint.tensors].filter(([name]) => !variant.matrices.has(name.replace(/\.weight$/, '')));
    expect(size).toBe(all - 4 * other.reduce((sum, [, { data }]) => sum + data.length, 0));
    expect(size - linearBytes).toBe(
      [...tensors].reduce((sum, [name, { bytes }]) => sum + (name.includes('.kept_') ? bytes.length : 0), 0),
    );
  });

  it.each([
    ['lies beyond the layer', [0, 64], '64', 'a number above 0 and below 64'],
    ['stands twice', [3, 3], '3', 'a number above 3 and below 64'],
    ['is missing altogether', [], 'no element', '1 at least'],
  ])('is refused where a unit %s', async (_, kept, observed, allowed) => {
    const steps = [remove('neurons')];
    const tensors = toCompressedTensors(await compress(steps), 'F32');
    const field = 'model.layers.1.kept_neurons';
    tensors.set(field, { dtype: 'I32', shape: [kept.length], bytes: new Uint8Array(Int32Array.from(kept).buffer) });
    const bytes = buildSafetensors(tensors, toNotes(recipe(...steps)));
    const parse = () => parseCompressedCheckpoint(bytes, checkpoint, recipe(...steps));
    expect(expectAppError(parse, 'checkpoint-invalid').details).toMatchObject({ field, observed, allowed });
  });

  it('is refused where a matrix is missing, or has rows of units that are gone', async () => {
    const steps = [remove('neurons')];
    const change = async (edit: (tensors: Map<string, TensorToStore>) => void) => {
      const tensors = toCompressedTensors(await compress(steps), 'F32');
      edit(tensors);
      const bytes = buildSafetensors(tensors, toNotes(recipe(...steps)));
      return expectAppError(() => parseCompressedCheckpoint(bytes, checkpoint, recipe(...steps)), 'checkpoint-invalid');
    };
    const missing = await change((tensors) => tensors.delete(names.weight));
    expect(missing.details).toMatchObject({ field: names.weight, observed: 'missing', allowed: '[32, 32]' });
    const whole = await change((tensors) => tensors.delete('model.layers.0.kept_neurons'));
    expect(whole.details).toMatchObject({ observed: '[32, 32]', allowed: '[64, 32]' });
  });
});

it('rounds values to the dtype that is asked for', async () => {
  const made = recipe(magnitude(0.5));
  const variant = await applyRecipe(checkpoint, made);
  const { tensors } = parseSafetensors(buildCompressedCheckpoint(variant, made, 'F16'));
  expect(tensors.get(names.weight)).toMatchObject({ dtype: 'F16', shape: [64 * 16] });
});

describe('a file is refused', () => {
  /** The file of a recipe with its tensors changed. */
  async function broken(
    made: Recipe,
    change: (tensors: Map<string, TensorToStore>) => void,
    { asked = made, of = checkpoint } = {},
  ) {
    const tensors = toCompressedTensors(await applyRecipe(of, made), 'F32');
    change(tensors);
    const bytes = buildSafetensors(tensors, toNotes(made));
    return (code: ErrorCode) => expectAppError(() => parseCompressedCheckpoint(bytes, of, asked), code);
  }
  const PRUNED = recipe(magnitude(0.5));
  const PATTERN = recipe(pattern('2:4'));
  const ROUNDED = recipe(rtn(4));
  const BOTH = recipe(magnitude(1), rtn(4)); // a mask of zeros, and no code
  const BOTH_PATTERN = recipe(pattern('1:4'), rtn(8));
  const UNCALLED = 'no tensor that the recipe does not call for';
  const NO_PATTERN = 'a mask, as the recipe has no pattern';
  const u8 = (...values: number[]): TensorToStore => ({
    dtype: 'U8',
    shape: [values.length],
    bytes: Uint8Array.from(values),
  });
  const f32 = (shape: number[], fill: number): TensorToStore => {
    const values = new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(fill);
    return { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) };
  };

  it.each([
    ['lacks a tensor', PRUNED, names.weight, null, 'missing', '[1024]'],
    ['lacks a zero point stream', ROUNDED, names.zeroPoints, null, 'missing', '[64]'],
    ['has a short mask', PRUNED, names.mask, u8(1, 2, 3), '[3]', '[256]'],
    ['has values that the mask does not keep', PRUNED, names.weight, f32([1025], 1), '[1025]', '[1024]'],
    [
      'has values of another dtype',
      PRUNED,
      names.weight,
      { ...f32([512], 1), dtype: 'I32' as const, shape: [512] },
      '[512]',
      '[1024]',
    ],
    ['has a scale of zero', ROUNDED, names.scales, f32([64, 2], 0), '0', 'a number above 0'],
    ['has scales in another shape', ROUNDED, names.scales, f32([2, 64], 1), '[2, 64]', '[64, 2]'],
    [
      'has indices out of order',
      PATTERN,
      names.indices,
      u8(...new Uint8Array(256).fill(0b0001)),
      '0',
      'a number above 1',
    ],
    ['has a short mask of codes', BOTH, names.mask, u8(1, 2, 3), '[3]', '[256]'],
    ['has a mask of codes where nothing is pruned', ROUNDED, names.mask, u8(1), 'present', UNCALLED],
    ['has indices of codes where nothing is pruned', ROUNDED, names.indices, u8(1), 'present', UNCALLED],
    ['has a mask and indices', BOTH_PATTERN, names.mask, u8(...new Uint8Array(256)), 'present', UNCALLED],
    ['has indices where the recipe has no pattern', BOTH, names.indices, u8(0), 'present', NO_PATTERN],
    ['has codes that the mask does not keep', BOTH, names.codes, u8(1), '[1]', '[0]'],
    ['lacks codes that the indices tell of', BOTH_PATTERN, names.codes, u8(1), '[1]', '[512]'],
    ['has fewer indices than the pattern keeps', BOTH_PATTERN, names.indices, u8(1), '[1]', '[128]'],
    ['holds a tensor that nothing calls for', PRUNED, names.scales, f32([1], 1), 'present', UNCALLED],
    [
      'has an infinite weight',
      PRUNED,
      names.weight,
      f32([1024], Number.POSITIVE_INFINITY),
      'Infinity at 0',
      'finite numbers',
    ],
  ] as const)('that %s, with tensor, observed and allowed', async (_, made, name, tensor, observed, allowed) => {
    const fails = await broken(made, (tensors) => {
      if (tensor === null) tensors.delete(name);
      else tensors.set(name, tensor);
    });
    expect(fails('checkpoint-invalid').details).toMatchObject({ field: name, observed, allowed });
  });

  it('whose mask keeps a code that is zero, or more or fewer than there are', async () => {
    const made = recipe(magnitude(0.5), rtn(8, true)); // symmetric: every zero point is 128, and each code is a byte
    const streams = (tensors: Map<string, TensorToStore>, name: string) => {
      const { bytes } = tensors.get(name) ?? u8();
      return typeof bytes === 'function' ? bytes() : bytes;
    };
    const kept = await broken(made, (tensors) => {
      const codes = streams(tensors, names.codes);
      tensors.set(names.codes, u8(...codes.with(3, 128)));
    });
    expect(kept('checkpoint-invalid').details).toMatchObject({
      field: names.codes,
      observed: '128',
      allowed: 'a code other than its zero point 128',
    });
    for (const [byte, change] of [
      [0xff, 'more'],
      [0, 'fewer'],
    ] as const) {
      let numCodes = 0;
      const fails = await broken(made, (tensors) => {
        numCodes = streams(tensors, names.codes).length;
        tensors.set(names.mask, u8(...streams(tensors, names.mask).with(7, byte)));
      });
      const { field, observed, allowed } = fails('checkpoint-invalid').details;
      expect([field, observed], change).toEqual([names.codes, `[${numCodes}]`]);
      expect(Math.sign(Number(String(allowed).slice(1, -1)) - numCodes), change).toBe(byte === 0 ? -1 : 1);
    }
  });

  it('whose last byte is padded with ones', async () => {
    const of = tinyCheckpoint({ numLayers: 1, numHeads: 1, numKvHeads: 1, headDim: 2 });
    const made = recipe({ ...rtn(3), exclude: ['model.layers.0.self_attn.o_proj'] });
    const name = 'model.layers.0.self_attn.q_proj.qzeros'; // 4 zero points of 3 bits in 2 bytes
    const fails = await broken(made, (tensors) => tensors.set(name, u8(0, 0x10)), { of });
    expect(fails('checkpoint-invalid').details).toMatchObject({ field: name, observed: '1', allowed: '0' });
  });

  it('of another recipe, or of none', async () => {
    const other = await broken(PRUNED, () => undefined, { asked: recipe(magnitude(0.25)) });
    expect(other('pack-invalid').details).toMatchObject({ field: 'recipe', observed: JSON.stringify(PRUNED) });
    const bytes = buildSafetensors(toCompressedTensors(await applyRecipe(checkpoint, PRUNED), 'F32'));
    const error = expectAppError(() => parseCompressedCheckpoint(bytes, checkpoint, PRUNED), 'pack-invalid');
    expect(error.details).toMatchObject({ observed: 'none' });
  });

  it('that is no safetensors file', () => {
    expectAppError(() => parseCompressedCheckpoint(new Uint8Array(9), checkpoint, PRUNED), 'safetensors-invalid');
  });
});

describe('the shipped compressed checkpoints', () => {
  const read = (path: string) =>
    new Uint8Array(readFileSync(new URL(`../../../public/packs/atlas/${path}`, import.meta.url)));
  const atlas = parseCheckpoint(read('checkpoint/config.json'), [read('checkpoint/model.safetensors')]);

  it.each([
    ['sparsegpt-mild', { sparsity: 0.46, bitsPerWeight: 16 * 0.54 + 1 }],
    ['sparsegpt-severe', { sparsity: 0.56, bitsPerWeight: 16 * 0.44 + 1 }],
    ['gptq-mild', { sparsity: null, bitsPerWeight: null }],
    ['gptq-severe', { sparsity: null, bitsPerWeight: 2 + (16 + 2) / 16 }],
  ])('%s parses, is as compressed as its recipe says, and is written as the same tensors', (id, expected) => {
    const bytes = read(`variants/${id}.safetensors`);
    const file = parseSafetensors(bytes);
    const json: unknown = JSON.parse(file.metadata.get('recipe') ?? '');
    const made = parseRecipe(json);
    const variant = parseCompressedCheckpoint(bytes, atlas, made);
    const size = variantSize(variant, 'F16');
    if (expected.sparsity !== null) expect(size.sparsity).toBeCloseTo(expected.sparsity, 3);
    if (expected.bitsPerWeight !== null) expect(size.bitsPerWeight).toBeCloseTo(expected.bitsPerWeight, 2);
    const [step] = made.steps;
    for (const [module, matrix] of variant.matrices) {
      if (matrix.kind === 'dense') continue;
      if (step === undefined || !('bits' in step)) throw new Error('it must be of a quantizing step');
      expect(matrix.bits, module).toBe(step.bitsPerMatrix?.[module] ?? step.bits);
      expect(matrix.groupSize).toBe(step.groupSize);
    }
    const again = parseSafetensors(buildCompressedCheckpoint(variant, made, 'F16'));
    expect([...again.tensors.keys()].sort()).toEqual([...file.tensors.keys()].sort());
    for (const [name, { bytes: written, ...form }] of again.tensors) {
      const { bytes: shipped = new Uint8Array(), ...shippedForm } = file.tensors.get(name) ?? {};
      expect(form, name).toEqual(shippedForm);
      expect(Buffer.compare(written, shipped), name).toBe(0);
    }
  });
});
