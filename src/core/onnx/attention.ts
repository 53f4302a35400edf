import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { cacheNames, DECODER_INPUTS, type DecoderSpec, type LayerPlace, layerConfig } from './decoder-spec.ts';
import type { GraphBuilder } from './graph.ts';

/** What attention works on. */
export interface Projected {
  query: string; // [1, S, numHeads * headDim], rotated
  key: string; // [1, S, numKvHeads * headDim], rotated
  value: string; // [1, S, numKvHeads * headDim]
}

/** Grouped-query attention (Ainslie et al. 2023, arXiv 2305.13245) over cache and new tokens: `[1, S, numHeads * headDim]`. */
export function addAttention(graph: GraphBuilder, layer: number, projected: Projected, spec: DecoderSpec): string {
  const heads =
    spec.attention === 'fused' ? addFused(graph, layer, projected, spec) : addPlain(graph, layer, projected, spec);
  const { presentKey, presentValue } = cacheNames(layer);
  const { numKvHeads, headDim } = layerConfig(spec, layer);
  const present = [spec.batch ?? 1, numKvHeads, 'total_sequence_length', headDim];
  graph.output(presentKey, 'float32', present);
  graph.output(presentValue, 'float32', present);
  return heads;
}

function addCacheInputs(graph: GraphBuilder, layer: number, spec: DecoderSpec): readonly [key: string, value: string] {
  const { pastKey, pastValue } = cacheNames(layer);
  const { numKvHeads, headDim } = layerConfig(spec, layer);
  const past = [spec.batch ?? 1, numKvHeads, 'past_sequence_length', headDim];
  return [graph.input(pastKey, 'float32', past), graph.input(pastValue, 'float32', past)];
}

function addFused(graph: GraphBuilder, layer: number, { query, key, value }: Projected, spec: DecoderSpec): string {
  const { numHeads, numKvHeads } = layerConfig(spec, layer);
  const path = `/model/layers.${layer}/attn/GroupQueryAttention`;
  const past = addCacheInputs(graph, layer, spec);
  const inputs = [query, key, value, ...past, DECODER_INPUTS.seqLens, DECODER_INPUTS.total];
  // cos_cache, sin_cache and position_ids stay out: on WebGPU the rotation inside ignores position_ids.
  if (spec.hasBias) inputs.push('', '', '', DECODER_INPUTS.bias);
  const { presentKey, presentValue } = cacheNames(layer);
  return graph.node(path, 'GroupQueryAttention', inputs, {
    domain: 'com.microsoft',
    attributes: { num_heads: numHeads, kv_num_heads: numKvHeads, do_rotary: 0 },
    outputs: [`${path}/output_0`, presentKey, presentValue],
  });
}

/** Plain attention over cache and new tokens. */
function addPlain(graph: GraphBuilder, layer: number, { query, key, value }: Projected, spec: DecoderSpec): string {
  const config = layerConfig(spec, layer);
  const append = (name: 'k' | 'v', past: string, x: string, output: string) => {
    const byHead = addByHead(graph, layer, name, x, config);
    return graph.node(`/model/layers.${layer}/attn/${name}/Concat`, 'Concat', [past, byHead], {
      attributes: { axis: 2 },
      outputs: [output],
    });
  };
  const { presentKey, presentValue } = cacheNames(layer);
  const [pastKey, pastValue] = addCacheInputs(graph, layer, spec);
  const keys = append('k', pastKey, key, presentKey); // [1, KV, T, h]
  const values = append('v', pastValue, value, presentValue); // [1, KV, T, h]
  return addProducts(graph, layer, { query, keys, values }, config);
}

/** Attention of a row of tokens without a cache, in plain operators; `[1, S, numHeads * headDim]`. */
export function addUncachedAttention(
  graph: GraphBuilder,
  layer: LayerPlace,
  { query, key, value }: Projected,
  config: ModelConfig,
): string {
  const keys = addByHead(graph, layer, 'k', key, config);
  const values = addByHead(graph, layer, 'v', value, config);
  return addProducts(graph, layer, { query, keys, values }, config);
}

/** `[1, S, numKvHeads * headDim]` as `[1, numKvHeads, S, headDim]`. */
function addByHead(graph: GraphBuilder, layer: LayerPlace, name: 'k' | 'v', x: string, config: ModelConfig): string {
  const { reshape, transpose } = reshaper(graph, `/model/layers.${layer}/attn`);
  return transpose(name, reshape(name, x, [0, -1, config.numKvHeads, config.headDim]), [0, 2, 1, 3]);
}

/**
 * Heads of a group share keys, so their queries stand under each other, KV heads first (G = numHeads / numKvHeads):
 *
 *     query ─ [KV, G * S, h] ─ scale ─ MatMul ─ [H, S, T] ─ + bias ─ Softmax ─ [KV, G * S, T] ─ MatMul ─ [S, H * h]
 *     keys ─── [KV, T, h] ───────────────┘                                                       │
 *     values ─ [KV, T, h] ───────────────────────────────────────────────────────────────────────┘
 */
function addProducts(
  graph: GraphBuilder,
  layer: LayerPlace,
  { query, keys, values }: { query: string; keys: string; values: string },
  { numHeads, numKvHeads, headDim }: ModelConfig,
): string {
  const path = `/model/layers.${layer}/attn`;
  const { reshape, transpose } = reshaper(graph, path);
  const scaled = graph.node(`${path}/scale/Mul`, 'Mul', [query, DECODER_INPUTS.queryScale]);
  const byGroup = reshape('q', scaled, [0, -1, numKvHeads, numHeads / numKvHeads, headDim]); // [1, S, KV, G, h]
  const queries = reshape('q_rows', transpose('q', byGroup, [0, 2, 3, 1, 4]), [0, numKvHeads, -1, headDim]); // [1, KV, G * S, h]
  const scores = graph.node(`${path}/qk/MatMul`, 'MatMul', [queries, transpose('keys', keys, [0, 1, 3, 2])]);
  const byToken = reshape('scores', scores, [0, numHeads, -1, 0]); // [1, H, S, T]
  const masked = graph.node(`${path}/bias/Add`, 'Add', [byToken, DECODER_INPUTS.bias]);
  const paid = graph.node(`${path}/Softmax`, 'Softmax', [masked], { attributes: { axis: -1 } });
  const byKvHead = reshape('paid', paid, [0, numKvHeads, -1, 0]); // [1, KV, G * S, T]
  const mixed = graph.node(`${path}/pv/MatMul`, 'MatMul', [byKvHead, values]); // [1, KV, G * S, h]
  const apart = reshape('mixed', mixed, [0, numKvHeads, numHeads / numKvHeads, -1, headDim]); // [1, KV, G, S, h]
  return reshape('heads', transpose('mixed', apart, [0, 3, 1, 2, 4]), [0, -1, numHeads * headDim]);
}

/** Adds Reshape and Transpose nodes under a path; in a shape, 0 keeps a length as it is. */
function reshaper(graph: GraphBuilder, path: string) {
  return {
    reshape: (name: string, x: string, shape: readonly number[]) =>
      graph.node(`${path}/${name}/Reshape`, 'Reshape', [x, graph.shape(`${path}/${name}/shape`, shape)]),
    transpose: (name: string, x: string, perm: readonly number[]) =>
      graph.node(`${path}/${name}/Transpose`, 'Transpose', [x], { attributes: { perm } }),
  };
}
