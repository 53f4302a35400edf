import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkAsyncProperty, checkProperty } from '../../testing/check-property.ts';
import { tinyCheckpoint } from '../../testing/make-checkpoint.ts';
import { fromFloat32 } from '../tensor/convert.ts';
import { applyRecipe } from './apply-recipe.ts';
import { BITS } from './grid.ts';
import { packBits, unpackBits } from './pack-bits.ts';
import { PATTERNS } from './pruning-amount.ts';
import type { RecipeStep } from './recipe.ts';
import { countZeros, runtimeBits, storedBytes, variantSize } from './size.ts';

const checkpoint = tinyCheckpoint();
const name = 'model.layers.0.mlp.up_proj'; // [64, 32]
const make = (...steps: RecipeStep[]) => applyRecipe(checkpoint, { version: 1, steps });
const matrixOf = async (...steps: RecipeStep[]) => {
  const matrix = (await make(...steps)).matrices.get(name);
  if (matrix === undefined) throw new Error(`no matrix ${name}`);
  return matrix;
};

describe('packBits', () => {
  it('is undone by unpackBits, in the number of bytes that the bits need', () => {
    checkProperty(
      fc.property(fc.constantFrom(1, ...BITS), fc.uint8Array({ maxLength: 50 }), (bits, any) => {
        const codes = any.map((code) => code & (2 ** bits - 1));
        const packed = packBits(codes, bits);
        expect(packed.length).toBe(Math.ceil((codes.length * bits) / 8));
        expect(unpackBits(packed, bits, codes.length)).toEqual(codes);
      }),
    );
  });

  it('writes low bits first', () => {
    expect([...packBits(Uint8Array.of(1, 2, 3), 4)]).toEqual([0x21, 0x03]);
    expect([...packBits(Uint8Array.of(7, 0, 5), 3)]).toEqual([0b01000111, 0b1]);
  });
});

describe('the stored bytes of a matrix', () => {
  it('are those of its values where it is dense', async () => {
    const matrix = await matrixOf({ method: 'magnitude', sparsity: 0, granularity: 'per-layer' });
    expect(storedBytes(matrix, 'F16')).toBe(64 * 32 * 2);
    expect(storedBytes(matrix, 'F32')).toBe(64 * 32 * 4);
  });

  it('are those of a bit mask and the kept values where it is pruned', async () => {
    const matrix = await matrixOf({ method: 'magnitude', sparsity: 0.75, granularity: 'per-layer' });
    if (matrix.kind !== 'dense' || matrix.mask === null) throw new Error('it must be pruned');
    const values = fromFloat32(
      matrix.weight.filter((_, i) => matrix.mask?.[i] === 1),
      'F16',
    );
    expect(storedBytes(matrix, 'F16')).toBe(packBits(matrix.mask, 1).length + values.length);
    expect(storedBytes(matrix, 'F16')).toBe((64 * 32) / 8 + ((64 * 32) / 4) * 2);
  });

  it.each(['1:4', '2:4', '4:8'] as const)(
    'are those of the kept values and their places where it follows %s',
    async (pattern) => {
      const matrix = await matrixOf({ method: 'magnitude', pattern });
      const { kept, of } = PATTERNS[pattern];
      const count = (64 * 32 * kept) / of;
      const places = packBits(new Uint8Array(count), Math.log2(of)).length;
      expect(storedBytes(matrix, 'F16')).toBe(places + count * 2);
      expect(storedBytes(matrix, 'F32')).toBe(places + count * 4);
    },
  );

  it('are those of a mask where a later step broke the pattern', async () => {
    const matrix = await matrixOf(
      { method: 'magnitude', pattern: '1:4' },
      { method: 'magnitude', sparsity: 0.9, granularity: 'per-layer' },
    );
    const kept = 64 * 32 - Math.floor(0.9 * 64 * 32);
    expect(storedBytes(matrix, 'F16')).toBe((64 * 32) / 8 + kept * 2);
  });

  it('hold the scales of the inputs in F16 where there are any', async () => {
    const matrix = await matrixOf({ method: 'rtn', bits: 4, groupSize: 16, symmetric: false });
    if (matrix.kind !== 'quantized') throw new Error('it must be quantized');
    const scaled = { ...matrix, inputScales: new Float32Array(32).fill(2) };
    expect(storedBytes(scaled, 'F16')).toBe(storedBytes(matrix, 'F16') + 2 * 32);
  });

  it('are never more than those of the dense values', async () => {
    const matrix = await matrixOf({ method: 'magnitude', sparsity: 0.01, granularity: 'per-layer' });
    expect(storedBytes(matrix, 'F16')).toBe(64 * 32 * 2);
  });

  it.each(BITS)('are those of packed codes, scales and zero points at %d bits', async (bits) => {
    for (const symmetric of [false, true]) {
      for (const scaleDtype of ['F16', 'F32'] as const) {
        const matrix = await matrixOf({ method: 'rtn', bits, groupSize: 16, symmetric, scaleDtype });
        if (matrix.kind !== 'quantized') throw new Error('it must be quantized');
        const zeroPoints = symmetric ? 0 : packBits(matrix.zeroPoints, bits).length;
        const parts = packBits(matrix.codes, bits).length + fromFloat32(matrix.scales, scaleDtype).length + zeroPoints;
        expect(storedBytes(matrix, 'F16')).toBe(parts);
      }
    }
  });
});

describe('the stored bytes of a matrix that is pruned and then rounded', () => {
  const COUNT = 64 * 32;
  const rtn = (bits: (typeof BITS)[number], symmetric = false): RecipeStep => ({
    method: 'rtn',
    bits,
    groupSize: 16,
    symmetric,
  });
  /** Bytes of the codes and of whatever tells where they stand: all but scales and zero points. */
  const codeBytesOf = async (...steps: RecipeStep[]) => {
    const matrix = await matrixOf(...steps);
    if (matrix.kind !== 'quantized') throw new Error('it must be quantized');
    const zeroPoints = matrix.symmetric ? 0 : packBits(matrix.zeroPoints, matrix.bits).length;
    const codeBytes = storedBytes(matrix, 'F16') - fromFloat32(matrix.scales, 'F16').length - zeroPoints;
    return { codeBytes, numLeft: COUNT - countZeros(matrix) };
  };

  it('are those of a mask and the codes that are not zero', async () => {
    const half: RecipeStep = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
    const { codeBytes, numLeft } = await codeBytesOf(half, rtn(4));
    expect(numLeft).toBeLessThanOrEqual(COUNT / 2);
    expect(codeBytes).toBe(COUNT / 8 + Math.ceil(numLeft / 2));
    expect(codeBytes).toBeLessThanOrEqual(0.75 * packBits(new Uint8Array(COUNT), 4).length);
  });

  it('are those of all codes where a mask would cost more than it spares', async () => {
    const some: RecipeStep = { method: 'magnitude', sparsity: 0.2, granularity: 'per-output' };
    const { codeBytes, numLeft } = await codeBytesOf(some, rtn(2));
    expect(COUNT / 8 + numLeft / 4).toBeGreaterThan(COUNT / 4);
    expect(codeBytes).toBe(COUNT / 4);
  });

  it('are those of the places and the codes of a pattern where that is least', async () => {
    const { codeBytes, numLeft } = await codeBytesOf({ method: 'magnitude', pattern: '1:4' }, rtn(8));
    expect(COUNT / 8 + numLeft).toBeGreaterThan(codeBytes);
    expect(codeBytes).toBe((COUNT / 4) * (2 / 8 + 1));
  });

  it('are the least of the three, whatever the pruning, the bits and the grid', async () => {
    const amounts = fc.oneof(
      fc
        .double({ min: 0.05, max: 1, noNaN: true })
        .map((sparsity) => ({ sparsity, granularity: 'per-output' as const })),
      fc.constantFrom('1:4' as const, '2:4' as const, '4:8' as const).map((pattern) => ({ pattern })),
    );
    await checkAsyncProperty(
      fc.asyncProperty(amounts, fc.constantFrom(...BITS), fc.boolean(), async (amount, bits, symmetric) => {
        const { codeBytes, numLeft } = await codeBytesOf({ method: 'magnitude', ...amount }, rtn(bits, symmetric));
        const forms = [(COUNT * bits) / 8, COUNT / 8 + Math.ceil((numLeft * bits) / 8)];
        if ('pattern' in amount) {
          const { kept, of } = PATTERNS[amount.pattern];
          forms.push((COUNT * kept * (bits + Math.log2(of))) / of / 8);
        }
        expect(codeBytes).toBe(Math.min(...forms));
      }),
    );
  });

  it('are those of all codes where nothing was pruned, however many rounding made zero', async () => {
    const matrix = await matrixOf(rtn(2, true));
    if (matrix.kind !== 'quantized') throw new Error('it must be quantized');
    const empty = { ...matrix, codes: matrix.codes.map(() => 2) };
    expect(countZeros(empty)).toBe(COUNT);
    expect(storedBytes(empty, 'F16')).toBe(storedBytes(matrix, 'F16'));
  });
});

it('counts 3-bit codes as 3 stored bits and says that they run as 4', async () => {
  const size = variantSize(await make({ method: 'rtn', bits: 3, groupSize: 32, symmetric: true }), 'F16');
  expect(size.bitsPerWeight).toBe(3 + 16 / 32);
  expect(BITS.map(runtimeBits)).toEqual([2, 4, 4, 8]);
});

it('adds up linear matrices and everything else', async () => {
  const dense = variantSize(await applyRecipe(checkpoint, null), 'F16');
  const parameters = [...checkpoint.tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  expect(dense).toMatchObject({ parameters, storedBytes: 2 * parameters, bitsPerWeight: 16, sparsity: 0 });
  const half = variantSize(await make({ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' }), 'F16');
  expect(half.sparsity).toBe(0.5);
  expect(half.bitsPerWeight).toBe(9);
  expect(half.storedBytes).toBe(dense.storedBytes - (7 * dense.linearParameters) / 8);
});

it('counts the zeros of a quantized matrix by their codes', async () => {
  const matrix = await matrixOf({ method: 'rtn', bits: 2, groupSize: 16, symmetric: false });
  if (matrix.kind !== 'quantized') throw new Error('it must be quantized');
  const { dequantize } = await import('./grid.ts');
  expect(countZeros(matrix)).toBe(dequantize(matrix).filter((value) => value === 0).length);
});
