import { describe, expect, it } from 'vitest';
import { readCompressionGolden } from '../../testing/fixtures.ts';
import { compressLayer } from '../../testing/make-calibration.ts';
import { plainOutputError } from '../../testing/plain-output-error.ts';
import { LEAST_ALIKE, TOLERANCES } from '../../testing/tolerances.ts';
import { gramOf } from './calibration.ts';
import { dequantize } from './grid.ts';
import { unpackBits } from './pack-bits.ts';
import type { RecipeStep } from './recipe.ts';
import type { VariantMatrix } from './variant.ts';
import { toWeights } from './variant-matrix.ts';

describe.each(['tiny', 'atlas'] as const)('on a layer of %s', (model) => {
  const golden = readCompressionGolden(model);
  const compress = (steps: readonly RecipeStep[]) => compressLayer(golden.matrices, golden.inputs, steps);
  const stepsOf = (name: string) => golden.cases.get(name) ?? [];

  /** Of every matrix, how far its outputs move. */
  const errorsOf = async (steps: readonly RecipeStep[]) =>
    [...(await compress(steps))].map(([module, matrix]) => errorOf(module, toWeights(matrix)));

  function errorOf(module: string, weights: Float32Array<ArrayBuffer>): number {
    const before = weightsOf(module);
    const gram = gramOf(golden.inputs, module, golden.matrices.get(module)?.shape[1] ?? 0);
    return plainOutputError(
      weights.map((value, i) => value - (before[i] ?? 0)),
      gram,
    );
  }

  function weightsOf(module: string): Float32Array<ArrayBuffer> {
    const matrix = golden.matrices.get(module);
    return matrix === undefined ? new Float32Array() : toWeights(matrix);
  }

  describe.each([...golden.cases.keys()])('%s', (name) => {
    const results = compress(stepsOf(name));

    it.each([...golden.matrices.keys()])('makes of %s what PyTorch makes', async (module) => {
      const tensor = (what: string) => golden.tensor(`${name}/${module}/${what}`);
      const matrix = (await results).get(module);
      if (matrix === undefined) throw new Error(`${module} is lost`);
      const { own, theirs, share } = toCompared(matrix, tensor);
      expect(sameShare(own, theirs)).toBeGreaterThanOrEqual(share);
      const expected = errorOf(module, toGoldenWeights(matrix, weightsOf(module), tensor));
      const { relative } = TOLERANCES.layerOutputs;
      expect(Math.abs(errorOf(module, toWeights(matrix)) - expected)).toBeLessThanOrEqual(relative * expected);
    });
  });

  const below = async (name: string, worse: readonly RecipeStep[]) => {
    const most = await errorsOf(worse);
    const after = await errorsOf(stepsOf(name));
    for (const [i, error] of after.entries()) expect(error).toBeLessThan(most[i] ?? 0);
  };

  it('Wanda moves the outputs of every matrix less than magnitude does, and SparseGPT less than Wanda', async () => {
    await below('wanda', [{ method: 'magnitude', sparsity: 0.55, granularity: 'per-output' }]);
    await below('wanda-2:4', [{ method: 'magnitude', pattern: '2:4' }]);
    await below('sparsegpt', stepsOf('wanda'));
    await below('sparsegpt-2:4', stepsOf('wanda-2:4'));
  });

  it('GPTQ moves the outputs of every matrix less than RTN does, in either order', async () => {
    await below('gptq', [RTN]);
    await below('gptq-act-order', [RTN]);
  });

  it('AWQ moves the outputs of all matrices together no more than RTN does', async () => {
    const sum = (errors: readonly number[]) => errors.reduce((total, error) => total + error, 0);
    expect(sum(await errorsOf(stepsOf('awq')))).toBeLessThanOrEqual(sum(await errorsOf([RTN])));
  });
});

/** The grid of the fixture's cases. */
const RTN: RecipeStep = { method: 'rtn', bits: 3, groupSize: 16, symmetric: false };

type ReadTensor = (what: string) => Float32Array<ArrayBuffer>;

/** What of a matrix is compared one by one, and how much of it must be the same. */
function toCompared(matrix: VariantMatrix, tensor: ReadTensor) {
  if (matrix.kind === 'quantized') return { own: matrix.codes, theirs: tensor('codes'), share: LEAST_ALIKE.codes };
  return { own: matrix.mask ?? [], theirs: toMask(matrix, tensor), share: LEAST_ALIKE.masks };
}

function toMask({ shape }: VariantMatrix, tensor: ReadTensor): Uint8Array {
  return unpackBits(Uint8Array.from(tensor('mask')), 1, shape[0] * shape[1]);
}

/** The weights that PyTorch's answer stands for. */
function toGoldenWeights(
  matrix: VariantMatrix,
  before: Float32Array<ArrayBuffer>,
  tensor: ReadTensor,
): Float32Array<ArrayBuffer> {
  if (matrix.kind === 'quantized') {
    const inputScales = matrix.inputScales === null ? null : tensor('input-scales');
    const codes = Uint8Array.from(tensor('codes'));
    const zeroPoints = Uint8Array.from(tensor('zero-points'));
    return dequantize({ ...matrix, codes, zeroPoints, inputScales, scales: tensor('scales') });
  }
  const changed = tensor('weight');
  const mask = toMask(matrix, tensor);
  return (changed.length === 0 ? before : changed).map((value, i) => (mask[i] === 1 ? value : 0));
}

function sameShare(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < one.length; i++) if (one[i] === other[i]) same += 1;
  return one.length === other.length ? same / one.length : 0;
}
