import { describe, expect, it } from 'vitest';
import type { CompressionCase } from '../../testing/compression-golden.ts';
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
  const caseOf = (name: string): CompressionCase => {
    const found = golden.cases.get(name);
    if (found === undefined) throw new Error(`there is no case ${name}`);
    return found;
  };

  /** `||D X||` of a matrix `D` that stands in a module's place, X being what the module read for the golden Gram matrix. */
  function normOfOutputs(module: string, { shape }: VariantMatrix, weights: Float32Array): number {
    return Math.sqrt(plainOutputError(weights, gramOf(golden.inputs, module, shape[1])));
  }

  /** What becomes of a case's matrices by its own steps; made once. */
  const made = new Map<string, ReturnType<typeof compressLayer>>();
  const resultsOf = (name: string) => {
    const { matrices, steps } = caseOf(name);
    const results = made.get(name) ?? compressLayer(matrices, golden.inputs, steps);
    made.set(name, results);
    return results;
  };

  /** Of every matrix of a case, how far its outputs move under these steps, or else its own. */
  async function movesOf(name: string, steps?: readonly RecipeStep[]): Promise<number[]> {
    const { matrices } = caseOf(name);
    const after = await (steps === undefined ? resultsOf(name) : compressLayer(matrices, golden.inputs, steps));
    return [...matrices].map(([module, matrix]) => {
      const own = after.get(module) ?? matrix;
      return normOfOutputs(module, matrix, minus(toWeights(own), toWeights(matrix)));
    });
  }

  describe.each([...golden.cases])('%s', (name, { matrices }) => {
    it.each([...matrices])('makes of %s what PyTorch makes', async (module, before) => {
      const tensor = (what: string) => golden.tensor(`${name}/${module}/${what}`);
      const matrix = (await resultsOf(name)).get(module);
      if (matrix === undefined) throw new Error(`${module} is lost`);
      const { own, theirs, share } = toCompared(matrix, tensor);
      expect(sameShare(own, theirs)).toBeGreaterThanOrEqual(share);
      const expected = toGoldenWeights(matrix, toWeights(before), tensor);
      const apart = normOfOutputs(module, matrix, minus(toWeights(matrix), expected));
      const { relative } = TOLERANCES.layerOutputs;
      expect(apart).toBeLessThanOrEqual(relative * normOfOutputs(module, matrix, expected));
    });
  });

  const below = async (name: string, worse: readonly RecipeStep[]) => {
    const most = await movesOf(name, worse);
    const after = await movesOf(name);
    expect(after.length).toBeGreaterThan(0);
    for (const [i, move] of after.entries()) expect(move).toBeLessThan(most[i] ?? 0);
  };

  it('Wanda moves the outputs of every matrix less than magnitude does, and SparseGPT less than Wanda', async () => {
    await below('wanda', [{ method: 'magnitude', sparsity: 0.55, granularity: 'per-output' }]);
    await below('wanda-2:4', [{ method: 'magnitude', pattern: '2:4' }]);
    await below('sparsegpt', caseOf('wanda').steps);
    await below('sparsegpt-2:4', caseOf('wanda-2:4').steps);
  });

  it('GPTQ moves the outputs of every matrix less than RTN does, in either order', async () => {
    await below('gptq', [RTN]);
    await below('gptq-act-order', [RTN]);
  });

  it('AWQ moves the outputs of all matrices together no more than RTN does', async () => {
    const sum = (moves: readonly number[]) => moves.reduce((total, move) => total + move ** 2, 0);
    expect(sum(await movesOf('awq'))).toBeLessThanOrEqual(sum(await movesOf('awq', [RTN])));
  });
});

/** The grid of the fixture's cases. */
const RTN: RecipeStep = { method: 'rtn', bits: 3, groupSize: 16, symmetric: false };

type ReadTensor = (what: string) => Float32Array<ArrayBuffer>;

/** What of a matrix is compared one by one, and how much of it must be the same. */
function toCompared(matrix: VariantMatrix, tensor: ReadTensor) {
  if (matrix.kind === 'quantized') {
    return { own: matrix.codes, theirs: toStream(matrix, tensor('codes'), matrix.bits), share: LEAST_ALIKE.codes };
  }
  return { own: matrix.mask ?? [], theirs: toStream(matrix, tensor('mask'), 1), share: LEAST_ALIKE.masks };
}

function toStream({ shape }: VariantMatrix, stream: Float32Array, bits: number): Uint8Array<ArrayBuffer> {
  return unpackBits(Uint8Array.from(stream), bits, shape[0] * shape[1]);
}

/** The weights that PyTorch's answer stands for. */
function toGoldenWeights(
  matrix: VariantMatrix,
  before: Float32Array<ArrayBuffer>,
  tensor: ReadTensor,
): Float32Array<ArrayBuffer> {
  if (matrix.kind === 'quantized') {
    const inputScales = tensor('input-scales');
    return dequantize({
      ...matrix,
      codes: toStream(matrix, tensor('codes'), matrix.bits),
      scales: tensor('scales'),
      zeroPoints: Uint8Array.from(tensor('zero-points')),
      inputScales: inputScales.length === 0 ? null : inputScales,
    });
  }
  const kept = tensor('weight'); // those that stay, one after the other
  let at = 0;
  const mask = toStream(matrix, tensor('mask'), 1);
  return before.map((value, i) => {
    if (mask[i] === 0) return 0;
    return kept.length === 0 ? value : (kept[at++] ?? Number.NaN);
  });
}

function minus(one: Float32Array<ArrayBuffer>, other: Float32Array): Float32Array<ArrayBuffer> {
  return one.map((value, i) => value - (other[i] ?? Number.NaN));
}

function sameShare(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let same = 0;
  for (let i = 0; i < one.length; i++) if (one[i] === other[i]) same += 1;
  return one.length === other.length ? same / one.length : 0;
}
