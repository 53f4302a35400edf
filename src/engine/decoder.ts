import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { cacheNames, DECODER_INPUTS, type DecoderSizes, type DecoderSpec } from '../core/onnx/decoder-spec.ts';
import type { GraphConstant } from '../core/onnx/graph.ts';
import { toLlamaDecoder } from '../core/onnx/llama-decoder.ts';
import type { WeightFormat } from '../core/onnx/weight-format.ts';
import type { KvCache } from './kv-cache.ts';
import { toCausalBias } from './packing.ts';
import type { Feeds, OwnedTensor, Runtime, RunValue, Session } from './session.ts';

/** The tokens of one run and where they stand. */
export interface DecoderInput {
  ids: readonly number[]; // [S]
  /** Positions for the rotation. */
  positions: readonly number[]; // [S]
  /** Which tokens get logits. */
  rows: readonly number[]; // [R]
  /** Added to the attention scores, in graphs built with a bias only; without it every token sees those before it. */
  bias?: Float32Array; // [S, cached + S]
  /** Replaces the vocabulary's embeddings: the vectors of a soft prompt, whose ids are 0, 1, 2, ... */
  embedding?: OwnedTensor; // [rows, hiddenSize]
  /** False where no later run needs this run's keys and values. */
  keepsCache: boolean;
}

/** A compiled decoder of one weight format. */
export class Decoder {
  readonly config: ModelConfig;
  readonly format: WeightFormat;
  private readonly session: Session;
  private readonly inputNames: ReadonlySet<string>;

  constructor(session: Session, { config, format }: DecoderSizes) {
    this.session = session;
    this.config = config;
    this.format = format;
    this.inputNames = new Set(session.inputNames);
  }

  /** A run of a new length compiles kernels: ask for few lengths. */
  get compilesByShape(): boolean {
    return this.session.compilesByShape;
  }

  /** Logits `[R, vocabSize]` of the wanted rows, behind what the cache holds. */
  async run(weights: ReadonlyMap<string, OwnedTensor>, cache: KvCache, input: DecoderInput): Promise<Float32Array> {
    const count = input.ids.length;
    cache.reserve(count);
    const total = cache.length + count;
    const feeds: Record<string, OwnedTensor | RunValue> = { ...cache.feeds() };
    for (const [name, tensor] of weights) if (this.inputNames.has(name)) feeds[name] = tensor;
    const needsBias = input.bias === undefined && this.inputNames.has(DECODER_INPUTS.bias);
    Object.assign(
      feeds,
      toTokenFeeds(needsBias ? { ...input, bias: toCausalBias(count, cache.length) } : input, total),
    );
    const outputs = await this.session.run(feeds, { logits: null, ...cache.fetches(input.keepsCache) });
    if (input.keepsCache) cache.advance(count, outputs);
    return (outputs.get('logits')?.data as Float32Array | undefined) ?? new Float32Array(0);
  }

  /** The trace of a decoder that was created with a profile. */
  endProfiling(): Promise<readonly string[]> {
    return this.session.endProfiling();
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

export interface DecoderOptions {
  /** Weights that the graph carries; without them they are bound at every run. */
  weights?: ReadonlyMap<string, GraphConstant>;
  isProfiled?: boolean;
}

/** Compiles the decoder of a format. */
export async function createDecoder(
  runtime: Runtime,
  spec: DecoderSpec,
  { weights, isProfiled = false }: DecoderOptions = {},
): Promise<Decoder> {
  const layers = Array.from({ length: spec.config.numLayers }, (_, i) => cacheNames(i));
  const kept = layers.flatMap(({ presentKey, presentValue }) => [presentKey, presentValue]);
  const model = toLlamaDecoder(spec, weights).toModel();
  return new Decoder(await runtime.createSession(model, { gpuOutputs: kept, isProfiled }), spec);
}

function toTokenFeeds(input: DecoderInput, total: number): Feeds {
  const count = input.ids.length;
  return {
    [DECODER_INPUTS.ids]: { type: 'int32', shape: [1, count], data: Int32Array.from(input.ids) },
    [DECODER_INPUTS.positions]: {
      type: 'int64',
      shape: [1, count],
      data: BigInt64Array.from(input.positions.map(BigInt)),
    },
    [DECODER_INPUTS.rows]: { type: 'int32', shape: [input.rows.length], data: Int32Array.from(input.rows) },
    [DECODER_INPUTS.seqLens]: { type: 'int32', shape: [1], data: Int32Array.of(total - 1) },
    [DECODER_INPUTS.total]: { type: 'int32', shape: [1], data: Int32Array.of(total) },
    ...(input.bias === undefined
      ? {}
      : { [DECODER_INPUTS.bias]: { type: 'float32', shape: [1, 1, count, total], data: input.bias } }),
    ...(input.embedding === undefined ? {} : { [DECODER_INPUTS.embedding]: input.embedding }),
  };
}
