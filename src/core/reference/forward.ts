import type { Checkpoint, LINEAR_NAMES, ModelConfig } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { KeyValue, Lora, LoraModule } from '../recover/repair.ts';
import { type Matrix, multiply, rmsNorm, rotate, silu, softmax } from './operations.ts';

/** What a forward pass starts from. */
export interface ForwardInput {
  /** Token ids, or vectors in their place. */
  tokens: readonly number[] | Matrix; // [length] or [length, hiddenSize]
  /** Position of the first one. */
  start: number;
  /** Keys and values that every token sees before its own, keys rotated already where they should be. */
  past?: readonly KeyValue[]; // [numLayers]
  /** LoRA beside the matrices, unmerged. */
  lora?: Lora;
}

/** What a forward pass computes; every array is row-major. */
export interface ForwardOutput {
  logits: Matrix; // [length, vocabSize]
  /** Embeddings, then the residual stream after each layer. */
  hidden: readonly Matrix[]; // [numLayers + 1], each [length, hiddenSize]
  /** The past's and the new keys (rotated) and values. */
  cache: readonly KeyValue[]; // [numLayers], each [numKvHeads, past + length, headDim]
  layers: readonly LayerInside[]; // [numLayers]
}

/** What happens within a layer. */
export interface LayerInside {
  /** Probabilities, 0 for later tokens. */
  attention: Float32Array; // [numHeads, length, past + length]
  /** What `o_proj` reads. */
  heads: Matrix; // [length, numHeads * headDim]
  /** What `down_proj` reads: `silu(gate x) * up x`. */
  activations: Matrix; // [length, intermediateSize]
}

/**
 * A Llama decoder, slow and plain: float32 arrays, every sum in float64. What everything faster is compared with.
 * Touvron et al. 2023 (arXiv 2302.13971), RoPE in the half-rotation layout, grouped-query attention.
 */
export function forward(checkpoint: Checkpoint, input: ForwardInput): ForwardOutput {
  const { config } = checkpoint;
  let x = toEmbeddings(checkpoint, input.tokens);
  const hidden = [x];
  const cache: KeyValue[] = [];
  const layers: LayerInside[] = [];
  for (let i = 0; i < config.numLayers; i++) {
    const layer = runLayer(layerOf(checkpoint, i, input.lora), x, input.start, input.past?.[i]);
    x = layer.output;
    hidden.push(x);
    cache.push(layer.cache);
    layers.push(layer.inside);
  }
  const head = tensorOf(checkpoint, config.tieWordEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight');
  const normed = rmsNorm(x, tensorOf(checkpoint, 'model.norm.weight'), config.normEps);
  return { logits: multiply(normed, head, config.vocabSize), hidden, cache, layers };
}

/** One layer: its weights by name, and a linear map with the LoRA beside it. */
export interface Layer {
  config: ModelConfig;
  norm(name: 'input_layernorm' | 'post_attention_layernorm'): Float32Array;
  linear(name: (typeof LINEAR_NAMES)[number], x: Matrix): Matrix;
}

/** Layer `index` of a checkpoint. */
export function layerOf(checkpoint: Checkpoint, index: number, lora?: Lora): Layer {
  const prefix = `model.layers.${index}`;
  return {
    config: checkpoint.config,
    norm: (name) => tensorOf(checkpoint, `${prefix}.${name}.weight`),
    linear: (name, x) => {
      const weight = tensorOf(checkpoint, `${prefix}.${name}.weight`);
      const y = multiply(x, weight, weight.length / x.width);
      const adapter = lora?.modules.get(`${prefix}.${name}`);
      return adapter === undefined ? y : addRows(y, lowRank(x, adapter));
    },
  };
}

/** The residual stream `[length, hiddenSize]` behind a layer, its cache and what happens within it. */
export function runLayer(
  layer: Layer,
  x: Matrix,
  start: number,
  past?: KeyValue,
): { output: Matrix; cache: KeyValue; inside: LayerInside } {
  const { heads, attention, cache } = attend(layer, x, start, past);
  const residual = addRows(x, layer.linear('self_attn.o_proj', heads));
  const activations = activate(layer, residual);
  const output = addRows(residual, layer.linear('mlp.down_proj', activations));
  return { output, cache, inside: { attention, heads, activations } };
}

/** Rotated queries, rotated keys and values of normed input. */
export function project(layer: Layer, x: Matrix, start: number): { q: Matrix; k: Matrix; v: Matrix } {
  const { config } = layer;
  const normed = rmsNorm(x, layer.norm('input_layernorm'), config.normEps);
  return {
    q: rotate(layer.linear('self_attn.q_proj', normed), start, config), // [length, numHeads * headDim]
    k: rotate(layer.linear('self_attn.k_proj', normed), start, config), // [length, numKvHeads * headDim]
    v: layer.linear('self_attn.v_proj', normed), // [length, numKvHeads * headDim]
  };
}

/**
 * Attention shares of one query head over all keys, the past's first; `visible` of them may be looked at.
 * `softmax(q k / sqrt(headDim))`.
 */
export function shares(
  query: Float32Array,
  keys: Float32Array, // [length, headDim]
  visible: number,
  headDim: number,
): Float64Array {
  const scores = new Float64Array(visible);
  for (let j = 0; j < visible; j++) {
    let sum = 0;
    for (let d = 0; d < headDim; d++) sum += (query[d] ?? 0) * (keys[j * headDim + d] ?? 0);
    scores[j] = sum / Math.sqrt(headDim);
  }
  return softmax(scores);
}

/** `[length, heads * headDim]` as `[heads, length, headDim]`, after what the past holds. */
export function toHeads(x: Matrix, heads: number, past: Float32Array | undefined): Float32Array<ArrayBuffer> {
  const headDim = x.width / heads;
  const length = x.data.length / x.width;
  const pastLength = past === undefined ? 0 : past.length / heads / headDim;
  const result = new Float32Array(heads * (pastLength + length) * headDim);
  for (let head = 0; head < heads; head++) {
    const at = head * (pastLength + length) * headDim;
    if (past !== undefined)
      result.set(past.subarray(head * pastLength * headDim, (head + 1) * pastLength * headDim), at);
    for (let t = 0; t < length; t++) {
      const from = t * x.width + head * headDim;
      result.set(x.data.subarray(from, from + headDim), at + (pastLength + t) * headDim);
    }
  }
  return result;
}

/** Attention up to what `o_proj` reads. */
function attend(
  layer: Layer,
  x: Matrix,
  start: number,
  past?: KeyValue,
): { heads: Matrix; attention: Float32Array; cache: KeyValue } {
  const { headDim } = layer.config;
  const { q, k, v } = project(layer, x, start);
  const [numHeads, numKvHeads] = [q.width / headDim, k.width / headDim]; // what is left of the layer's heads
  const keys = toHeads(k, numKvHeads, past?.keys);
  const values = toHeads(v, numKvHeads, past?.values);
  const length = x.data.length / x.width;
  const total = keys.length / numKvHeads / headDim;
  const mixed = new Float32Array(length * q.width);
  const attention = new Float32Array(numHeads * length * total);
  for (let head = 0; head < numHeads; head++) {
    // Query head i reads key/value head i / (numHeads / numKvHeads).
    const group = Math.floor((head * numKvHeads) / numHeads);
    const headKeys = keys.subarray(group * total * headDim, (group + 1) * total * headDim);
    const headValues = values.subarray(group * total * headDim, (group + 1) * total * headDim);
    for (let t = 0; t < length; t++) {
      const at = t * q.width + head * headDim;
      const visible = total - length + t + 1; // causal
      const share = shares(q.data.subarray(at, at + headDim), headKeys, visible, headDim);
      attention.set(share, (head * length + t) * total);
      for (let d = 0; d < headDim; d++) {
        let sum = 0;
        for (let j = 0; j < visible; j++) sum += (share[j] ?? 0) * (headValues[j * headDim + d] ?? 0);
        mixed[at + d] = sum;
      }
    }
  }
  return { heads: { data: mixed, width: q.width }, attention, cache: { keys, values } };
}

/** `silu(gate x) * up x`. */
function activate(layer: Layer, x: Matrix): Matrix {
  const normed = rmsNorm(x, layer.norm('post_attention_layernorm'), layer.config.normEps);
  const gate = layer.linear('mlp.gate_proj', normed);
  const up = layer.linear('mlp.up_proj', normed);
  const data = gate.data.map((value, i) => silu(value) * (up.data[i] ?? 0));
  return { data, width: gate.width };
}

/** `scale * B (A x)`. */
function lowRank(x: Matrix, { a, b, r, scale, shape }: LoraModule): Matrix {
  const change = multiply(multiply(x, a, r), b, shape[0]);
  return { data: change.data.map((value) => scale * value), width: change.width };
}

/** Token embeddings, or given vectors as they are. */
export function toEmbeddings(checkpoint: Checkpoint, tokens: ForwardInput['tokens']): Matrix {
  if ('data' in tokens) return tokens;
  const { hiddenSize, vocabSize } = checkpoint.config;
  const table = tensorOf(checkpoint, 'model.embed_tokens.weight');
  const data = new Float32Array(tokens.length * hiddenSize);
  for (const [t, id] of tokens.entries()) {
    if (!Number.isInteger(id) || id < 0 || id >= vocabSize) {
      throw new AppError('input-invalid', `Token id ${id} is outside the vocabulary of ${vocabSize}.`, {
        field: 'tokens',
        observed: id,
        allowed: vocabSize - 1,
      });
    }
    data.set(table.subarray(id * hiddenSize, (id + 1) * hiddenSize), t * hiddenSize);
  }
  return { data, width: hiddenSize };
}

function tensorOf(checkpoint: Checkpoint, name: string): Float32Array {
  const tensor = checkpoint.tensors.get(name);
  if (tensor === undefined) throw new AppError('checkpoint-invalid', `The checkpoint lacks ${name}.`, { field: name });
  return tensor.data;
}

function addRows(a: Matrix, b: Matrix): Matrix {
  return { data: a.data.map((value, i) => value + (b.data[i] ?? 0)), width: a.width };
}
