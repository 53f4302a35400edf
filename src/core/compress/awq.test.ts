import { expect, it } from 'vitest';
import { compressLayer, makeGram, makeMatrix } from '../../testing/make-calibration.ts';
import { plainOutputError } from '../../testing/plain-output-error.ts';
import { roundToF16 } from '../tensor/half.ts';
import { type AwqStep, awq } from './awq.ts';
import type { LayerInputs, Tap, TapInputs } from './calibration.ts';
import { dequantize } from './grid.ts';
import type { RecipeStep } from './recipe.ts';
import type { QuantizedMatrix } from './variant.ts';

const at = (name: string) => `model.layers.0.${name}`;
const [q, k, v, o] = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => at(`self_attn.${name}`)) as [
  string,
  string,
  string,
  string,
];
const matrices = new Map([
  [q, makeMatrix([8, 32], 1)],
  [k, makeMatrix([4, 32], 2)],
  [v, makeMatrix([4, 32], 3)],
  [o, makeMatrix([32, 16], 4)],
]);
const inputs: LayerInputs = new Map<Tap, TapInputs>([
  ['attn', skewed(makeGram(32, 5))],
  ['o', skewed(makeGram(16, 6))],
]);
const step: AwqStep = { ...awq.defaultOptions, bits: 3, groupSize: 16 };

/** A few inputs are far larger than the rest, as activations of language models are. */
function skewed({ size, data, magnitudes }: TapInputs): TapInputs {
  const factor = (j: number) => (j % 11 === 3 ? 30 : 1);
  return {
    size,
    data: data.map((value, i) => value * factor(i % size) * factor(Math.floor(i / size))),
    magnitudes: magnitudes.map((value, j) => value * factor(j)),
  };
}

async function round(options: Partial<AwqStep> = {}, ...before: RecipeStep[]) {
  const after = await compressLayer(matrices, inputs, [...before, { ...step, ...options }]);
  return new Map([...after].filter((entry): entry is [string, QuantizedMatrix] => entry[1].kind === 'quantized'));
}

const errorOf = (rounded: ReadonlyMap<string, QuantizedMatrix>) =>
  [q, k, v].reduce((sum, module) => {
    const [matrix, before] = [rounded.get(module), matrices.get(module)];
    const gram = inputs.get('attn');
    if (matrix === undefined || before === undefined || gram === undefined) throw new Error('it must be there');
    return (
      sum +
      plainOutputError(
        dequantize(matrix).map((value, i) => value - (before.weight[i] ?? 0)),
        gram,
      )
    );
  }, 0);

it('scales the input that matrices share alike, in values of F16, and leaves that of o_proj', async () => {
  const rounded = await round();
  const scales = rounded.get(q)?.inputScales;
  expect(scales).toHaveLength(32);
  expect(new Set(scales).size).toBeGreaterThan(2);
  expect(scales).toEqual(scales?.map(roundToF16));
  expect(rounded.get(k)?.inputScales).toEqual(scales);
  expect(rounded.get(v)?.inputScales).toEqual(scales);
  expect(rounded.get(o)).toMatchObject({ inputScales: null });
});

it('scales by a power of the mean magnitudes, and by no other size of the inputs', async () => {
  const scales = (await round()).get(q)?.inputScales;
  const magnitudes = [...(inputs.get('attn')?.magnitudes ?? [])];
  const middle = Math.sqrt(Math.max(...magnitudes) * Math.min(...magnitudes));
  const powers = Array.from({ length: 20 }, (_, k) => k / 20);
  const fits = powers.filter((power) => magnitudes.every((m, j) => scales?.[j] === roundToF16((m / middle) ** power)));
  expect(fits).toHaveLength(1);
  expect(fits[0]).toBeGreaterThan(0);
});

it('moves the outputs less than RTN does where a few inputs are large', async () => {
  const { bits, groupSize, symmetric } = step;
  const after = await compressLayer(matrices, inputs, [{ method: 'rtn', bits, groupSize, symmetric }]);
  const nearest = new Map(
    [...after].filter((entry): entry is [string, QuantizedMatrix] => entry[1].kind === 'quantized'),
  );
  expect(errorOf(await round())).toBeLessThan(0.8 * errorOf(nearest));
});

it('scales no input of which one matrix is excluded, since that would read it divided', async () => {
  const rounded = await round({ exclude: [k] });
  expect(rounded.has(k)).toBe(false);
  expect([...rounded.values()].map(({ inputScales }) => inputScales)).toEqual([null, null, null]);
});

it('keeps what was pruned before at zero, and changes nothing it was given', async () => {
  const copy = structuredClone(matrices);
  const rounded = await round({}, { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' });
  for (const matrix of rounded.values()) {
    const weight = dequantize(matrix);
    matrix.mask?.forEach((keep, i) => {
      if (keep === 0) expect(weight[i]).toBe(0);
    });
    expect(matrix.mask?.filter((keep) => keep === 0)).toHaveLength(weight.length / 2);
  }
  expect(matrices).toEqual(copy);
});
