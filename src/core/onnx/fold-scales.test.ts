import { describe, expect, it } from 'vitest';
import '../../testing/to-be-all-close.ts';
import { readGolden, readGoldenCheckpoint, readTinyRepair } from '../../testing/fixtures.ts';
import { TOLERANCES } from '../../testing/tolerances.ts';
import { applyRecipe, toVariant } from '../compress/apply-recipe.ts';
import { awq } from '../compress/awq.ts';
import type { RecipeStep } from '../compress/recipe.ts';
import type { Variant } from '../compress/variant.ts';
import { toCheckpoint } from '../compress/variant-matrix.ts';
import { plainAlgebra } from '../linear-algebra/plain-algebra.ts';
import { mergeLora } from '../recover/lora.ts';
import { createPlainCalibration } from '../reference/calibration.ts';
import { forward } from '../reference/forward.ts';
import { foldInputScales, foldLora } from './fold-scales.ts';
import { toWeightFormat } from './weight-format.ts';

const checkpoint = readGoldenCheckpoint();
const { sequence } = readGolden().ids;
const lora = readTinyRepair('lora', checkpoint.config);
if (lora.kind !== 'lora') throw new Error('it must be a LoRA');

const calibrator = {
  source: createPlainCalibration(checkpoint, () => [sequence]),
  algebra: plainAlgebra,
  dtype: 'F32',
} as const;
const round: RecipeStep = { ...awq.defaultOptions, groupSize: 16 };
const make = (...steps: RecipeStep[]) => applyRecipe(checkpoint, { version: 1, steps }, { calibrator });
const logits = (variant: Variant, branches?: typeof lora) =>
  forward(toCheckpoint(variant), { tokens: sequence, start: 0, ...(branches === undefined ? {} : { lora: branches }) })
    .logits.data;
const kindsAt = ({ matrices }: Variant, name: string) =>
  [...matrices].filter(([module]) => module.endsWith(name)).map(([, { kind }]) => kind);

it('gives a variant without input scales back as it is', () => {
  const variant = toVariant(checkpoint);
  expect(foldInputScales(variant)).toBe(variant);
});

describe('a folded variant', () => {
  it('has no input scales, changed norms, packed matrices, and the same answers', async () => {
    const variant = await make(round);
    const scaled = [...variant.matrices.values()].filter((matrix) => matrix.kind === 'quantized' && matrix.inputScales);
    expect(scaled).toHaveLength(12); // all but o_proj
    const folded = foldInputScales(variant);
    for (const matrix of folded.matrices.values())
      expect(matrix).toMatchObject({ kind: 'quantized', inputScales: null });
    const norm = 'model.layers.1.post_attention_layernorm.weight';
    expect(folded.checkpoint.tensors.get(norm)?.data).not.toEqual(checkpoint.tensors.get(norm)?.data);
    expect(new Set([...toWeightFormat(folded).matrices.values()].map(({ kind }) => kind))).toEqual(new Set(['nbits']));
    expect(logits(folded)).toBeAllClose(logits(variant), TOLERANCES.logits);
  });

  it('answers alike with a LoRA beside its matrices, or merged into some of them', async () => {
    const variant = await make(round);
    const folded = foldInputScales(variant);
    expect(logits(folded, foldLora(lora, variant))).toBeAllClose(logits(variant, lora), TOLERANCES.logits);
    for (const names of [['q_proj'], ['up_proj'], ['down_proj'], ['gate_proj', 'up_proj'], ['v_proj', 'down_proj']]) {
      const some = new Map([...lora.modules].filter(([module]) => names.some((name) => module.endsWith(name))));
      for (const recompress of [false, true]) {
        const merged = mergeLora(variant, { kind: 'lora', modules: some }, { recompress });
        expect(logits(foldInputScales(merged))).toBeAllClose(logits(merged), TOLERANCES.logits);
      }
    }
  });

  it('runs matrices of a tap dense where they do not share their scales', async () => {
    const again: RecipeStep = {
      method: 'rtn',
      bits: 4,
      groupSize: 16,
      symmetric: false,
      exclude: ['model.layers.0.self_attn.q_proj'],
    };
    const variant = await make(round, again);
    const folded = foldInputScales(variant);
    expect(kindsAt(folded, 'q_proj')).toEqual(['dense', 'quantized']);
    expect(kindsAt(folded, 'k_proj')).toEqual(['quantized', 'quantized']);
    expect(logits(folded)).toBeAllClose(logits(variant), TOLERANCES.logits);
  });

  it('leaves the variant and its checkpoint as they were', async () => {
    const variant = await make(round);
    const before = structuredClone(variant);
    foldLora(lora, variant);
    foldInputScales(variant);
    expect(variant).toEqual(before);
  });
});
