import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { DECODER_INPUTS, layerConfig } from '../core/onnx/decoder-spec.ts';
import { buildRoutingGraph, ROUTING_INPUTS } from '../core/onnx/routing-graph.ts';
import type { WeightFormat } from '../core/onnx/weight-format.ts';
import { chooseLargest } from '../core/recover/choice-rules.ts';
import { type PackedRow, packItems, toAttentionBias, toLengthRule } from './packing.ts';
import type { RoutingResult } from './protocol.ts';
import type { OwnedTensor, Runtime, RunValue, Session } from './session.ts';

/** A pool's first-layer keys, prompt after prompt, each at its end-aligned position. */
export interface RoutingPool {
  /** Vectors of each prompt. */
  lengths: readonly number[];
  keys: OwnedTensor; // [numKvHeads, sum of lengths, headDim]
  /** Position of a context's first token. */
  start: number;
}

/** Scores contexts against a pool of prompts. */
export class Router {
  private readonly session: Session;
  private readonly numHeads: number;
  private readonly inputNames: ReadonlySet<string>;

  constructor(session: Session, numHeads: number) {
    this.session = session;
    this.numHeads = numHeads;
    this.inputNames = new Set(session.inputNames);
  }

  /**
   * Mean attention `[contexts][prompts]`; each context begins with the begin token, which counts where it stands alone only.
   * Contexts share rows of at most `rowLength` tokens; with 0 each has a row of its own.
   */
  async route(
    weights: ReadonlyMap<string, OwnedTensor>,
    pool: RoutingPool,
    contexts: readonly (readonly number[])[],
    rowLength: number,
  ): Promise<Float32Array[]> {
    const results = new Array<Float32Array>(contexts.length);
    const toLength = toLengthRule(this.session.compilesByShape);
    for (const row of packItems(contexts, { rowLength, toLength })) {
      const scores = await this.runRow(weights, pool, row);
      for (const [i, { item }] of row.placements.entries()) {
        results[item] = scores.slice(i * pool.lengths.length, (i + 1) * pool.lengths.length);
      }
    }
    return results;
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  private async runRow(
    weights: ReadonlyMap<string, OwnedTensor>,
    pool: RoutingPool,
    row: PackedRow,
  ): Promise<Float32Array> {
    const total = pool.lengths.reduce((sum, length) => sum + length, 0);
    const { length } = row.ids;
    const keys = total + length;
    const items = row.placements.length;
    const feeds: Record<string, OwnedTensor | RunValue> = {};
    for (const [name, tensor] of weights) if (this.inputNames.has(name)) feeds[name] = tensor;
    const floats = (shape: number[], data: Float32Array): RunValue => ({ type: 'float32', shape, data });
    Object.assign(feeds, {
      [DECODER_INPUTS.ids]: { type: 'int32', shape: [1, length], data: Int32Array.from(row.ids) },
      [DECODER_INPUTS.positions]: {
        type: 'int64',
        shape: [1, length],
        data: BigInt64Array.from(row.depths, (depth) => BigInt(pool.start + depth)),
      },
      [ROUTING_INPUTS.poolKeys]: pool.keys,
      [ROUTING_INPUTS.bias]: floats([length, keys], toAttentionBias(row.parents, total)),
      [ROUTING_INPUTS.promptOf]: floats([keys, pool.lengths.length], toPromptOf(pool.lengths, keys)),
      [ROUTING_INPUTS.tokenWeights]: floats([items, this.numHeads * length], toTokenWeights(row, this.numHeads)),
    });
    const outputs = await this.session.run(feeds, { scores: null });
    return outputs.get('scores')?.data as Float32Array;
  }
}

/** Compiles the routing graph of a format; it reads the first layer's weights only. */
export async function createRouter(runtime: Runtime, config: ModelConfig, format: WeightFormat): Promise<Router> {
  const { numHeads } = layerConfig({ config, format }, 0);
  return new Router(await runtime.createSession(buildRoutingGraph(config, format)), numHeads);
}

/** The paper's choice among a context's scores. */
export function toRoutingResult(scores: ArrayLike<number>): RoutingResult {
  return { scores: Array.from(scores), ...chooseLargest(scores) };
}

function toPromptOf(lengths: readonly number[], keys: number): Float32Array {
  const matrix = new Float32Array(keys * lengths.length); // [keys, m]
  let key = 0;
  for (const [prompt, length] of lengths.entries()) {
    for (let i = 0; i < length; i++, key++) matrix[key * lengths.length + prompt] = 1 / length;
  }
  return matrix;
}

function toTokenWeights({ placements, ids: { length } }: PackedRow, numHeads: number): Float32Array {
  const weights = new Float32Array(placements.length * numHeads * length); // [items, numHeads * length]
  for (const [item, { path }] of placements.entries()) {
    const counted = path.length > 1 ? path.slice(1) : path; // the begin token is left out, unless it is all there is
    for (let head = 0; head < numHeads; head++) {
      for (const i of counted) weights[(item * numHeads + head) * length + i] = 1 / (numHeads * counted.length);
    }
  }
  return weights;
}
