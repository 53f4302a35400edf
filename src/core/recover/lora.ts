import { linearModules, type ModelConfig } from '../checkpoint/checkpoint.ts';
import { linearShape } from '../checkpoint/shapes.ts';
import { requantize } from '../compress/grid.ts';
import type { Variant, VariantMatrix } from '../compress/variant.ts';
import { toWeights } from '../compress/variant-matrix.ts';
import { AppError } from '../errors.ts';
import { type Adapter, expectOnly, type RepairMethod, refuseRepair, takeTensor } from './adapter.ts';
import { parseLoraConfig } from './lora-config.ts';
import type { Lora, LoraModule } from './repair.ts';

const PREFIX = 'base_model.model.';

export const lora: RepairMethod<Lora> = { peftType: 'LORA', parse: parseLora };

/** LoRA (Hu et al. 2021, arXiv 2106.09685): a PEFT `LORA` adapter for a model's linear matrices; throws `repair-invalid`. */
function parseLora({ fields, tensors }: Adapter, config: ModelConfig): Lora {
  const { rankOf, targets } = parseLoraConfig(fields);
  const modules = new Map<string, LoraModule>();
  const names = new Set<string>();
  for (const module of linearModules(config.numLayers)) {
    const [nameA, nameB] = [`${PREFIX}${module}.lora_A.weight`, `${PREFIX}${module}.lora_B.weight`];
    const isThere = tensors.has(nameA) || tensors.has(nameB);
    if (targets !== null && targets(module) !== isThere) {
      const [observed, allowed] = isThere ? ['present', 'absent'] : ['missing', 'present'];
      refuseRepair(nameA, observed, `${allowed}, as target_modules says`);
    }
    if (!isThere) continue;
    const shape = linearShape(config, module.split('.').slice(3).join('.')) ?? [0, 0];
    const { r, scale } = rankOf(module);
    const a = takeTensor(tensors, nameA, [r, shape[1]]).data;
    const b = takeTensor(tensors, nameB, [shape[0], r]).data;
    modules.set(module, { r, scale, a, b, shape });
    names.add(nameA).add(nameB);
  }
  expectOnly(tensors, names);
  if (modules.size === 0) return refuseRepair('adapter_model.safetensors', 'empty', 'tensors of linear matrices');
  return { kind: 'lora', modules };
}

/**
 * A variant with a LoRA merged into it; neither is mutated, matrices without an adapter are shared.
 * Without `recompress` a merged matrix is dense float: its mask or grid is gone. With it the old mask is put on again,
 * and on a grid the merged weights are rounded to its old scales and zero points.
 */
export function mergeLora(variant: Variant, lora: Lora, options: { recompress: boolean }): Variant {
  const matrices = new Map(variant.matrices);
  for (const [module, adapter] of lora.modules) {
    const matrix = matrices.get(module);
    if (matrix === undefined) {
      throw new AppError('repair-invalid', `The adapter changes ${module}, which the model does not have.`, {
        field: module,
      });
    }
    matrices.set(module, options.recompress ? mergeCompressed(matrix, adapter) : mergeDense(matrix, adapter));
  }
  return { ...variant, matrices };
}

function mergeDense(matrix: VariantMatrix, adapter: LoraModule): VariantMatrix {
  return {
    kind: 'dense',
    shape: matrix.shape,
    weight: addDelta(toWeights(matrix), adapter),
    mask: null,
    pattern: null,
  };
}

function mergeCompressed(matrix: VariantMatrix, adapter: LoraModule): VariantMatrix {
  const merged = addDelta(toWeights(matrix), adapter);
  if (matrix.kind === 'quantized') return requantize(merged, matrix);
  const { mask } = matrix;
  if (mask !== null) for (let i = 0; i < merged.length; i++) if (mask[i] === 0) merged[i] = 0;
  return { ...matrix, weight: merged };
}

/** `W + scale * B A` in float64, rounded once to float32; a new array `[out, in]`. */
function addDelta(weight: Float32Array<ArrayBuffer>, adapter: LoraModule): Float32Array<ArrayBuffer> {
  const { r, scale, a, b, shape } = adapter;
  const [out, inputs] = shape;
  const merged = new Float32Array(weight.length);
  const row = new Float64Array(inputs);
  for (let o = 0; o < out; o++) {
    row.fill(0);
    for (let k = 0; k < r; k++) {
      const factor = scale * (b[o * r + k] ?? 0);
      for (let i = 0; i < inputs; i++) row[i] = (row[i] ?? 0) + factor * (a[k * inputs + i] ?? 0);
    }
    for (let i = 0; i < inputs; i++) merged[o * inputs + i] = (weight[o * inputs + i] ?? 0) + (row[i] ?? 0);
  }
  return merged;
}
