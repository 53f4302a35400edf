import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { addAttention, type Projected } from './attention.ts';
import { DECODER_INPUTS, type DecoderSpec, type LayerPlace } from './decoder-spec.ts';
import { GraphBuilder, type GraphConstant } from './graph.ts';
import { addLinear, type LinearSpec } from './linear.ts';

/** Names of a layer's two norms, as inputs. */
export function normNames(layer: LayerPlace) {
  return {
    input: `model.layers.${layer}.input_layernorm.weight`,
    post: `model.layers.${layer}.post_attention_layernorm.weight`,
  } as const;
}

const CONTRIB = { domain: 'com.microsoft' } as const;

/**
 * A Llama decoder (Touvron et al. 2023, arXiv 2302.13971); batch 1. Its weights are inputs, or with `weights` carried by the graph, by the same names.
 *
 * Rotation is a node outside GroupQueryAttention, because on WebGPU the one inside ignores `position_ids`.
 * The last layer goes on after attention with the wanted rows only. Output `logits` `[R, vocabSize]`.
 */
export function toLlamaDecoder(
  spec: DecoderSpec,
  weights: ReadonlyMap<string, GraphConstant> | null = null,
): GraphBuilder {
  const { config } = spec;
  const graph = new GraphBuilder('llama-decoder', weights);
  const ids = graph.input(DECODER_INPUTS.ids, 'int32', [1, 'S']);
  graph.input(DECODER_INPUTS.positions, 'int64', [1, 'S']);
  graph.input(DECODER_INPUTS.rows, 'int32', ['R']);
  if (spec.attention === 'fused') {
    graph.input(DECODER_INPUTS.seqLens, 'int32', [1]);
    graph.input(DECODER_INPUTS.total, 'int32', [1]);
  }
  if (spec.hasBias) graph.input(DECODER_INPUTS.bias, 'float32', [1, 1, 'S', 'total']);
  const normed = addDecoder(graph, ids, spec, DECODER_INPUTS.rows); // [1, R, hiddenSize]
  // As inputs the two are told apart, since a soft prompt stands in the place of the embeddings; carried, a tied table is there once.
  const isOneTable = weights !== null && config.tieWordEmbeddings;
  const head = isOneTable
    ? DECODER_INPUTS.embedding
    : graph.weight(DECODER_INPUTS.head, 'float32', [config.vocabSize, config.hiddenSize]);
  addHead(graph, normed, head, { config, output: 'logits' });
  graph.output('logits', 'float32', ['R', config.vocabSize]);
  return graph;
}

/** Nodes put between those of a layer: each takes a value and returns what goes on in its place. */
export interface DecoderEdits {
  /** What `o_proj` reads, `[batch, S, numHeads * headDim]`. */
  heads(layer: number, x: string): string;
  /** The residual stream behind the layer, `[batch, S, hiddenSize]`. */
  residual(layer: number, x: string): string;
}

/**
 * Embeddings, layers and last norm of the tokens `ids` `[batch, S]`: `[batch, S, hiddenSize]`, or `[batch, R, hiddenSize]` with `rows`,
 * an int32 value `[R]` that names the tokens wanted. Positions, attention bias and the fused operator's lengths are there already.
 */
export function addDecoder(
  graph: GraphBuilder,
  ids: string,
  spec: DecoderSpec,
  rows: string | null,
  edits: DecoderEdits | null = null,
): string {
  const { config } = spec;
  if (spec.attention === 'plain') graph.weight(DECODER_INPUTS.queryScale, 'float32', [1]);
  addRotaryInputs(graph, config);
  const table = graph.weight(DECODER_INPUTS.embedding, 'float32', ['rows', config.hiddenSize]);
  const embedded = graph.node('/model/embed_tokens/Gather', 'Gather', [table, ids]); // [batch, S, hiddenSize]

  let residual = embedded;
  let branch = ''; // what the last block adds to the residual
  for (let i = 0; i < config.numLayers; i++) {
    const names = normNames(i);
    const attended = addNorm(graph, `/model/layers.${i}/input_layernorm`, names.input, residual, branch, config);
    let heads = addAttention(graph, i, addProjections(graph, i, attended.normed, spec), spec); // [1, S, numHeads * headDim]
    heads = edits?.heads(i, heads) ?? heads;
    residual = attended.sum;
    if (rows !== null && i === config.numLayers - 1) {
      heads = addRows(graph, `/model/layers.${i}/attn/rows`, heads, rows);
      residual = addRows(graph, `/model/layers.${i}/residual/rows`, residual, rows);
    }
    const projected = addLinear(graph, `model.layers.${i}.self_attn.o_proj`, heads, spec);
    const post = addNorm(graph, `/model/layers.${i}/post_attention_layernorm`, names.post, residual, projected, config);
    residual = post.sum;
    const gated = addGatedUnit(graph, i, post.normed, spec);
    branch = addLinear(graph, `model.layers.${i}.mlp.down_proj`, gated, spec);
    if (edits !== null) {
      residual = edits.residual(i, graph.node(`/model/layers.${i}/residual/Add`, 'Add', [residual, branch]));
      branch = '';
    }
  }
  const last = addNorm(
    graph,
    `/model/layers.${config.numLayers}/final_norm_layernorm`,
    DECODER_INPUTS.norm,
    residual,
    branch,
    config,
  );
  return last.normed;
}

/** Declares the cosines and sines of all positions. */
export function addRotaryInputs(graph: GraphBuilder, config: ModelConfig): void {
  graph.weight(DECODER_INPUTS.cos, 'float32', ['maxPosition', config.headDim / 2]);
  graph.weight(DECODER_INPUTS.sin, 'float32', ['maxPosition', config.headDim / 2]);
}

/** RoPE in the half-rotation layout, on `[1, S, heads * headDim]`. */
export function addRotary(graph: GraphBuilder, path: string, x: string): string {
  const inputs = [x, DECODER_INPUTS.positions, DECODER_INPUTS.cos, DECODER_INPUTS.sin];
  return graph.node(`${path}/RotaryEmbedding`, 'RotaryEmbedding', inputs, {
    ...CONTRIB,
    attributes: { interleaved: 0 },
  });
}

/**
 * RMSNorm of `residual + branch`, and that sum; with no branch, of `residual` alone.
 *
 *     residual ─┬─ + ─┬─ RMSNorm ─ normed
 *     branch ───┘     └─ sum
 */
export function addNorm(
  graph: GraphBuilder,
  path: string,
  weightName: string,
  residual: string,
  branch: string,
  config: ModelConfig,
): { normed: string; sum: string } {
  const weight = graph.weight(weightName, 'float32', [config.hiddenSize]);
  const attributes = { epsilon: { float: config.normEps } };
  if (branch === '') {
    const rms = { ...attributes, axis: -1, stash_type: 1 };
    const name = `${path}/LayerNorm`;
    return {
      normed: graph.node(name, 'SimplifiedLayerNormalization', [residual, weight], { attributes: rms }),
      sum: residual,
    };
  }
  const name = `${path}/SkipLayerNorm`;
  const sum = `${name}/output_3`;
  const outputs = [`${name}/output_0`, '', '', sum];
  const inputs = [residual, branch, weight];
  const normed = graph.node(name, 'SkipSimplifiedLayerNormalization', inputs, { ...CONTRIB, attributes, outputs });
  return { normed, sum };
}

/** Queries, keys and values of a layer, the first two rotated. */
export function addProjections(graph: GraphBuilder, layer: LayerPlace, x: string, spec: LinearSpec): Projected {
  const path = `/model/layers.${layer}/attn`;
  const project = (name: string) => addLinear(graph, `model.layers.${layer}.self_attn.${name}`, x, spec);
  const query = addRotary(graph, `${path}/q_rotary`, project('q_proj'));
  const key = addRotary(graph, `${path}/k_rotary`, project('k_proj'));
  return { query, key, value: project('v_proj') };
}

/** `silu(gate x) * up x`, what `down_proj` reads; QuickGelu with alpha 1 is SiLU in one kernel. */
export function addGatedUnit(graph: GraphBuilder, layer: LayerPlace, x: string, spec: LinearSpec): string {
  const path = `/model/layers.${layer}/mlp`;
  const module = `model.layers.${layer}.mlp`;
  const gate = addLinear(graph, `${module}.gate_proj`, x, spec);
  const up = addLinear(graph, `${module}.up_proj`, x, spec);
  const activated = graph.node(`${path}/act_fn/QuickGelu`, 'QuickGelu', [gate], {
    ...CONTRIB,
    attributes: { alpha: { float: 1 } },
  });
  return graph.node(`${path}/Mul`, 'Mul', [activated, up]);
}

/** The wanted rows of `[1, S, width]`: `[1, R, width]`. */
export function addRows(graph: GraphBuilder, path: string, x: string, rows: string): string {
  return graph.node(`${path}/Gather`, 'Gather', [x, rows], { attributes: { axis: 1 } });
}

/** Logits `[rows, vocabSize]` of `[..., hiddenSize]`, all rows under each other; `head` is a weight `[vocabSize, hiddenSize]`. */
export function addHead(
  graph: GraphBuilder,
  x: string,
  head: string,
  { config, output }: { config: ModelConfig; output: string },
): string {
  const shape = graph.shape('/lm_head/shape', [-1, config.hiddenSize]);
  const flat = graph.node('/lm_head/Reshape', 'Reshape', [x, shape]); // [R, hiddenSize]
  return graph.node('/lm_head/Gemm', 'Gemm', [flat, head], { attributes: { transB: 1 }, outputs: [output] });
}
