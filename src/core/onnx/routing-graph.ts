import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { DECODER_INPUTS, layerConfig } from './decoder-spec.ts';
import { GraphBuilder } from './graph.ts';
import { addLinear } from './linear.ts';
import { addNorm, addRotary, addRotaryInputs, normNames } from './llama-decoder.ts';
import type { WeightFormat } from './weight-format.ts';

/** Names of the routing graph's own inputs; S tokens of I items, N vectors in m prompts. */
export const ROUTING_INPUTS = {
  poolKeys: 'pool_keys', // float32 [numKvHeads, N, headDim], rotated, prompt after prompt
  bias: 'routing_bias', // float32 [S, N + S]
  promptOf: 'prompt_of', // float32 [N + S, m]: 1 / n_i for the vectors of prompt i, else 0
  tokenWeights: 'token_weights', // float32 [I, numHeads * S]: 1 / (numHeads * counted tokens of the item), else 0
} as const;

/**
 * The paper's routing rule (Hoang et al. 2023, arXiv 2310.00867; fixed in docs/pack-format.md): first-layer attention of
 * a context's tokens over all prompts' keys and its own, averaged over heads, counted tokens and a prompt's vectors.
 * Counted are all tokens but the begin token, or that one where it is the whole context: `tokenWeights` says which.
 * Several items go in one row, kept apart by the bias. Output `scores` `[I, m]`.
 *
 *     ids ─ Gather ─ RMSNorm ─┬─ q_proj ─ RoPE ─ by KV head ────────────── MatMul ─ scale, bias, Softmax ─ probabilities
 *                             └─ k_proj ─ RoPE ─ by KV head ─ after pool_keys ┘
 *     scores = tokenWeights · probabilities · promptOf
 */
export function buildRoutingGraph(config: ModelConfig, format: WeightFormat): Uint8Array<ArrayBuffer> {
  const { numHeads, numKvHeads, headDim } = layerConfig({ config, format }, 0);
  const graph = new GraphBuilder('routing');
  const ids = graph.input(DECODER_INPUTS.ids, 'int32', [1, 'S']);
  graph.input(DECODER_INPUTS.positions, 'int64', [1, 'S']);
  const poolKeys = graph.input(ROUTING_INPUTS.poolKeys, 'float32', [numKvHeads, 'N', headDim]);
  const bias = graph.input(ROUTING_INPUTS.bias, 'float32', ['S', 'keys']);
  const promptOf = graph.input(ROUTING_INPUTS.promptOf, 'float32', ['keys', 'm']);
  const tokenWeights = graph.input(ROUTING_INPUTS.tokenWeights, 'float32', ['I', 'headTokens']);
  const scale = graph.input(DECODER_INPUTS.queryScale, 'float32', [1]);
  addRotaryInputs(graph, config);
  const table = graph.input(DECODER_INPUTS.embedding, 'float32', ['rows', config.hiddenSize]);
  const embedded = graph.node('/model/embed_tokens/Gather', 'Gather', [table, ids]); // [1, S, hiddenSize]
  const { normed } = addNorm(graph, '/model/layers.0/input_layernorm', normNames(0).input, embedded, '', config);
  const linear = { config, format, loraModules: new Set<string>() };
  const project = (name: string) => {
    const y = addLinear(graph, `model.layers.0.self_attn.${name}`, normed, linear);
    return addRotary(graph, `/routing/${name}`, y);
  };
  const reshape = (name: string, x: string, shape: readonly number[]) =>
    graph.node(`/routing/${name}/Reshape`, 'Reshape', [x, graph.shape(`/routing/${name}/shape`, shape)]);
  const transpose = (name: string, x: string, perm: readonly number[]) =>
    graph.node(`/routing/${name}/Transpose`, 'Transpose', [x], { attributes: { perm } });

  // Query head i reads key head i // (numHeads / numKvHeads); the heads of a group lie beside each other.
  const byHead = reshape('q', project('q_proj'), [-1, numKvHeads, numHeads / numKvHeads, headDim]); // [S, KV, G, h]
  const queries = reshape('q_group', transpose('q', byHead, [1, 2, 0, 3]), [numKvHeads, -1, headDim]); // [KV, G * S, h]
  const own = transpose('k', reshape('k', project('k_proj'), [-1, numKvHeads, headDim]), [1, 0, 2]); // [KV, S, h]
  const keys = graph.node('/routing/keys/Concat', 'Concat', [poolKeys, own], { attributes: { axis: 1 } }); // [KV, N + S, h]
  const scaled = graph.node('/routing/q_scale/Mul', 'Mul', [queries, scale]);
  const products = graph.node('/routing/qk/MatMul', 'MatMul', [scaled, transpose('keys', keys, [0, 2, 1])]); // [KV, G * S, N + S]
  const byToken = graph.node('/routing/heads/Reshape', 'Reshape', [
    products,
    graph.shape('/routing/heads/shape', [numHeads, -1, 0]),
  ]); // [H, S, N + S]
  const masked = graph.node('/routing/bias/Add', 'Add', [byToken, bias]);
  const probabilities = graph.node('/routing/Softmax', 'Softmax', [masked], { attributes: { axis: -1 } });
  const perPrompt = graph.node('/routing/prompts/MatMul', 'MatMul', [probabilities, promptOf]); // [H, S, m]
  const flat = graph.node('/routing/Flatten', 'Flatten', [perPrompt], { attributes: { axis: 2 } }); // [H * S, m]
  graph.node('/routing/scores/MatMul', 'MatMul', [tokenWeights, flat], { outputs: ['scores'] });
  graph.output('scores', 'float32', ['I', 'm']);
  return graph.toModel();
}
