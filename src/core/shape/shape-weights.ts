import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import { DECODER_INPUTS, type DecoderSpec } from '../onnx/decoder-spec.ts';
import { rotaryTables } from '../onnx/decoder-weights.ts';
import { toLlamaDecoder } from '../onnx/llama-decoder.ts';
import { normal, seededRandom } from '../random.ts';
import { formOf, SHAPE_FORMS, SHAPE_REPAIRS, type ShapeKey, toShapeSpec } from './shape-regimes.ts';

/** A weight that a decoder asks for, in numbers alone. */
export interface ShapeWeight {
  name: string;
  type: 'float32' | 'uint8';
  shape: readonly number[];
}

/** Slots of a cache: a repair's vectors, context and new tokens together; and the positions that are rotated. */
export const SHAPE_CACHE_LENGTH = 128;

/** Small enough that activations of 30 layers stay far from the ends of float32. */
const WEIGHT_SCALE = 0.02;
const SEED = 7;
/** Values drawn; longer weights repeat them, since drawing 135 million takes seconds and no time hangs on them. */
const DRAWN = 1 << 18;

const VALUE_BYTES = { float32: 4, uint8: 1 } as const;

/** The weights of a decoder with every length known, a tied head left out. */
export function toShapeWeights(spec: DecoderSpec): ShapeWeight[] {
  const { config } = spec;
  return toLlamaDecoder(spec).weightInputs.flatMap(({ name, type, shape }) => {
    if (name === DECODER_INPUTS.head && config.tieWordEmbeddings) return [];
    if (type !== 'float32' && type !== 'uint8') {
      throw new AppError('internal', `The weight ${name} is of the type ${type}.`, { name, type });
    }
    return [{ name, type, shape: shape.map((length) => toLength(length, config)) }];
  });
}

function toLength(length: number | string, { vocabSize }: ModelConfig): number {
  if (typeof length === 'number') return length;
  if (length === 'rows') return vocabSize;
  return length === 'maxPosition' ? SHAPE_CACHE_LENGTH : SHAPE_REPAIRS.rank;
}

/** Bytes of a weight. */
export function toWeightBytes({ type, shape }: ShapeWeight): number {
  return countValues(shape) * VALUE_BYTES[type];
}

export type RandomWeights = ReturnType<typeof createRandomWeights>;

/** Gives each weight its values: seeded random numbers, but for the rotation and the queries' scale, which are the model's. */
export function createRandomWeights(config: ModelConfig) {
  const random = seededRandom(SEED);
  const drawn = Float32Array.from({ length: DRAWN }, () => WEIGHT_SCALE * normal(random));
  const codes = Uint8Array.from({ length: DRAWN }, () => random.integer(256));
  const { cos, sin } = rotaryTables(config, SHAPE_CACHE_LENGTH);
  const toFloats = ({ name, shape }: Pick<ShapeWeight, 'name' | 'shape'>): Float32Array<ArrayBuffer> => {
    if (name === DECODER_INPUTS.cos) return cos;
    if (name === DECODER_INPUTS.sin) return sin;
    if (name === DECODER_INPUTS.queryScale) return Float32Array.of(config.headDim ** -0.5);
    return repeat(drawn, new Float32Array(countValues(shape)));
  };
  const toCodes = ({ shape }: Pick<ShapeWeight, 'shape'>) => repeat(codes, new Uint8Array(countValues(shape)));
  return {
    toFloats,
    toValues: (weight: ShapeWeight) => (weight.type === 'uint8' ? toCodes(weight) : toFloats(weight)),
  };
}

function countValues(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function repeat<T extends Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(values: T, target: T): T {
  for (let at = 0; at < target.length; at += values.length) {
    target.set(values.subarray(0, Math.min(values.length, target.length - at)), at);
  }
  return target;
}

/** Bytes of a shape's weights, known before any of them is made. */
export interface ShapeSize {
  /** All that is held at once, caches included. */
  totalBytes: number;
  /** The largest of it in one piece. */
  largestBytes: number;
  /** Weights and repair that one regime's run reads, by form. */
  formBytes: Readonly<Record<(typeof SHAPE_FORMS)[number], number>>;
}

/**
 * What timing a shape takes. Bound weights are held once for all forms that have them alike; a graph that carries its weights holds its
 * own.
 */
export function measureShape(config: ModelConfig, isCarried: boolean): ShapeSize {
  const held = new Map<string, number>();
  const formBytes = { dense: 0, pruned: 0, 'four-bit': 0, lora: 0 };
  for (const form of SHAPE_FORMS) {
    for (const weight of toShapeWeights(toShapeSpec(config, form, isCarried))) {
      const bytes = toWeightBytes(weight);
      formBytes[form] += bytes;
      held.set(isCarried ? `${form} ${weight.name}` : toWeightKey(weight), bytes);
    }
  }
  const caches = 2 + SHAPE_REPAIRS.poolVectors.length; // the plain one, the prompt's and the pool's
  const { numLayers, numKvHeads, headDim } = config;
  const cacheBytes = caches * 2 * numLayers * numKvHeads * SHAPE_CACHE_LENGTH * headDim * VALUE_BYTES.float32;
  const sizes = [...held.values()];
  return {
    totalBytes: sum(sizes) + cacheBytes,
    largestBytes: Math.max(...sizes),
    formBytes,
  };
}

/** What a regime's runs bind and what its repair adds. */
export interface ShapeRegimeSize {
  /** Weights and help, without the cache of the context. */
  runtimeBytes: number;
  /** Parameters of a repair that are kept apart at run time. */
  extraParameters: number;
}

/** Sizes of one regime of a shape; prompts count their vectors as parameters and their keys and values as bytes. */
export function toShapeRegimeSize(config: ModelConfig, key: ShapeKey, { formBytes }: ShapeSize): ShapeRegimeSize {
  const runtimeBytes = formBytes[formOf(key)];
  const vectors = key === 'prompt' ? SHAPE_REPAIRS.promptVectors : key === 'idp' ? sum(SHAPE_REPAIRS.poolVectors) : 0;
  const helpBytes = vectors * 2 * config.numLayers * config.numKvHeads * config.headDim * VALUE_BYTES.float32;
  const branches = key === 'lora-unmerged' ? (formBytes.lora - formBytes.dense) / VALUE_BYTES.float32 : 0;
  return { runtimeBytes: runtimeBytes + helpBytes, extraParameters: branches + vectors * config.hiddenSize };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Equal for weights that one buffer serves. */
export function toWeightKey({ name, type, shape }: ShapeWeight): string {
  return `${name} ${type} ${shape.join('x')}`;
}
