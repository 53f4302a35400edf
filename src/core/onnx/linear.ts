import { linearShape } from '../checkpoint/shapes.ts';
import { AppError } from '../errors.ts';
import { type DecoderSizes, type DecoderSpec, layerConfig } from './decoder-spec.ts';
import type { GraphBuilder } from './graph.ts';

/** `[out, in]` of a module such as `model.layers.0.mlp.up_proj`; throws `graph-invalid` for any other. */
export function moduleShape(module: string, sizes: DecoderSizes): readonly [out: number, inputs: number] {
  const [, , layer, ...name] = module.split('.');
  const config = layerConfig(sizes, layer === 'any' ? layer : Number(layer));
  const shape = linearShape(config, name.join('.'));
  if (shape !== undefined) return shape;
  throw new AppError('graph-invalid', `${module} is not a linear matrix of a Llama layer.`, { module });
}

/** What linear matrices are made for; a module that the format lacks is dense. */
export type LinearSpec = Pick<DecoderSpec, 'config' | 'format' | 'loraModules'>;

/** Names of a module's weights in a graph. */
export function weightInputs(module: string) {
  return {
    dense: `${module}.weight`, // [in, out]
    codes: `${module}.qweight`,
    scales: `${module}.scales`,
    zeroPoints: `${module}.qzeros`,
    loraA: `${module}.lora_A.weight`, // [in, r]
    loraB: `${module}.lora_B.weight`, // [r, out], the scale alpha / r folded in
  } as const;
}

/**
 * One linear matrix, with its LoRA branch where asked for:
 *
 *     x ─┬─ MatMul or MatMulNBits ──────── Add ─ y
 *        └─ lora_A/MatMul ─ lora_B/MatMul ─┘
 */
export function addLinear(graph: GraphBuilder, module: string, x: string, spec: LinearSpec): string {
  const path = toNodePath(module);
  const { format, loraModules } = spec;
  const [out, inputs] = moduleShape(module, spec);
  const names = weightInputs(module);
  const y = addProduct(graph, path, x, {
    names,
    out,
    inputs,
    format: format.matrices.get(module) ?? { kind: 'dense' },
  });
  if (!loraModules.has(module)) return y;
  const rank = `${module}.r`;
  const a = graph.weight(names.loraA, 'float32', [inputs, rank]);
  const b = graph.weight(names.loraB, 'float32', [rank, out]);
  const down = graph.node(`${path}/lora_A/MatMul`, 'MatMul', [x, a]); // [1, S, r]
  const up = graph.node(`${path}/lora_B/MatMul`, 'MatMul', [down, b]); // [1, S, out]
  return graph.node(`${path}/lora/Add`, 'Add', [y, up]);
}

function addProduct(
  graph: GraphBuilder,
  path: string,
  x: string,
  matrix: {
    names: ReturnType<typeof weightInputs>;
    out: number;
    inputs: number;
    format: { kind: 'dense' } | { kind: 'nbits'; bits: number; groupSize: number };
  },
): string {
  const { names, out, inputs, format } = matrix;
  if (format.kind === 'dense') {
    return graph.node(`${path}/MatMul`, 'MatMul', [x, graph.weight(names.dense, 'float32', [inputs, out])]);
  }
  const { bits, groupSize } = format;
  const groups = inputs / groupSize;
  const codes = graph.weight(names.codes, 'uint8', [out, groups, (groupSize * bits) / 8]);
  const scales = graph.weight(names.scales, 'float32', [out, groups]);
  const zeroPoints = graph.weight(names.zeroPoints, 'uint8', [out, Math.ceil((groups * bits) / 8)]);
  return graph.node(`${path}/MatMulNBits`, 'MatMulNBits', [x, codes, scales, zeroPoints], {
    domain: 'com.microsoft',
    // accuracy_level 0 is float arithmetic; 4 would quantize activations and change every quality figure.
    attributes: { K: inputs, N: out, bits, block_size: groupSize, accuracy_level: 0 },
  });
}

/** `model.layers.0.self_attn.q_proj` to `/model/layers.0/attn/q_proj`, as ONNX Runtime GenAI's builder names it. */
function toNodePath(module: string): string {
  const [, , layer, block, name] = module.split('.');
  return `/model/layers.${layer}/${block === 'self_attn' ? 'attn' : block}/${name}`;
}
