import { expect, test } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { readGolden, readGoldenCheckpoint, readTinyRepair } from '../../testing/fixtures.ts';
import { compressPlainly } from '../../testing/make-calibration.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import '../../testing/to-be-all-close.ts';
import { linearModules } from '../checkpoint/checkpoint.ts';
import { applyRecipe, toVariant } from '../compress/apply-recipe.ts';
import { awq } from '../compress/awq.ts';
import { parseRecipe } from '../compress/parse-recipe.ts';
import { fitLora } from '../recover/fit-repair.ts';
import { mergeLora } from '../recover/lora.ts';
import type { Lora } from '../recover/repair.ts';
import { toMatrixReport } from './matrix-report.ts';

const checkpoint = readGoldenCheckpoint();
const { sequence } = readGolden().ids;
const { recipes } = readGolden();
const lora = readTinyRepair('lora', checkpoint.config) as Lora;
const changed = [...lora.modules.keys()][0] ?? '';
const variantOf = (name: string) => applyRecipe(checkpoint, parseRecipe(recipes[name]));
const countZeros = (values: Float32Array) => values.reduce((count, value) => count + (value === 0 ? 1 : 0), 0);

test('the dense checkpoint stands unchanged on both sides, in copies', () => {
  const variant = toVariant(checkpoint);
  const { before, after, lora: none } = toMatrixReport(variant, changed, null);
  expect(none).toBeNull();
  expect(after).toEqual(before);
  before.weight.fill(7);
  after.weight.fill(7);
  expect(toMatrixReport(variant, changed, null).before.weight).not.toEqual(before.weight);
});

test('a pruned matrix has zeros, which a LoRA merged into it fills unless its mask is put on again', async () => {
  const variant = await variantOf('magnitude');
  const filled = toMatrixReport(variant, changed, { lora, recompress: false });
  const masked = toMatrixReport(variant, changed, { lora, recompress: true });
  const zeros = countZeros(filled.after.weight);
  expect(zeros).toBeGreaterThan(0.1 * filled.after.weight.length);
  expect(countZeros(filled.before.weight)).toBeLessThan(0.1 * zeros);
  expect(countZeros(filled.lora?.merged ?? new Float32Array())).toBeLessThan(0.01 * zeros);
  expect(countZeros(masked.lora?.merged ?? new Float32Array())).toBe(zeros);
});

test('what is merged is the weight of the merged variant, and the singular values hold its whole change', async () => {
  const variant = await variantOf('rtn');
  const { after, lora: merge } = toMatrixReport(variant, changed, { lora, recompress: false });
  const whole = mergeLora(variant, lora, { recompress: false }).matrices.get(changed);
  expect(whole?.kind === 'dense' && merge?.merged).toEqual(whole?.kind === 'dense' && whole.weight);
  expect(merge?.singularValues.length).toBe(merge?.r);
  // The squares of a matrix's singular values sum to those of its entries.
  const change = (merge?.merged ?? new Float32Array()).reduce(
    (sum, w, i) => sum + (w - (after.weight[i] ?? 0)) ** 2,
    0,
  );
  const held = (merge?.singularValues ?? new Float32Array()).reduce((sum, value) => sum + value ** 2, 0);
  expect([Math.sqrt(held)]).toBeAllClose([Math.sqrt(change)], TOLERANCES.activations);
});

test('a module that the LoRA leaves alone has none', () => {
  const alone = linearModules(checkpoint.config.numLayers).find((module) => module !== changed) ?? '';
  const one: Lora = { kind: 'lora', modules: new Map([...lora.modules].slice(0, 1)) };
  expect(toMatrixReport(toVariant(checkpoint), alone, { lora: one, recompress: false }).lora).toBeNull();
  expect(toMatrixReport(toVariant(checkpoint), changed, { lora: one, recompress: false }).lora?.r).toBe(
    lora.modules.get(changed)?.r,
  );
});

test('rounded weights are those that the codes stand for, without the input scales of AWQ', async () => {
  const step = { ...awq.defaultOptions, bits: 3, groupSize: 16, calibration: { samples: 1, seed: 0 } };
  const variant = await compressPlainly(checkpoint, [sequence], [step]);
  const scaled = linearModules(checkpoint.config.numLayers).filter((module) => {
    const matrix = variant.matrices.get(module);
    if (matrix?.kind !== 'quantized' || matrix.inputScales === null) return false;
    const { codes, zeroPoints, scales, groupSize, inputScales } = matrix;
    const onGrid = Float32Array.from(codes, (code, i) => {
      const group = Math.floor(i / groupSize);
      return (code - (zeroPoints[group] ?? 0)) * (scales[group] ?? 0);
    });
    const { after } = toMatrixReport(variant, module, null);
    const back = after.weight.map((weight, i) => weight * (inputScales[i % inputScales.length] ?? 0));
    expect(back).toBeAllClose(onGrid, TOLERANCES.activations);
    return inputScales.some((scale) => scale !== 1);
  });
  expect(scaled.length).toBeGreaterThan(0);
});

test('removed neurons leave the matrix smaller, and the LoRA with it', async () => {
  const step = { method: 'neurons', share: 0.5, allocation: 'uniform', calibration: { samples: 1, seed: 0 } };
  const variant = await compressPlainly(checkpoint, [sequence], [step]);
  const down = 'model.layers.1.mlp.down_proj';
  const fitted = fitLora(lora, variant);
  const { before, after, lora: merge } = toMatrixReport(variant, down, { lora: fitted, recompress: false });
  const left = variant.layers[1]?.intermediateSize ?? 0;
  expect(left).toBeLessThan(before.shape[1]);
  expect(after.shape).toEqual([before.shape[0], left]);
  expect(after.weight.length).toBe(before.shape[0] * left);
  expect(merge?.merged.length).toBe(after.weight.length);
});

test.each(['', 'model.embed_tokens', 'model.layers.2.mlp.up_proj', 'model.layers.0.input_layernorm', '__proto__'])(
  'there is no matrix %j, and the refusal names those that there are',
  (module) => {
    const error = expectAppError(() => toMatrixReport(toVariant(checkpoint), module, null), 'input-invalid');
    expect(error.details).toMatchObject({ field: 'module', observed: module });
    expect(error.message).toContain('model.layers.0 to 1, each with self_attn.q_proj');
  },
);
