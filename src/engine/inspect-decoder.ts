import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { cacheNames, DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import {
  buildInspectGraph,
  buildPatchGraph,
  type InspectSpec,
  type LayerTap,
  LENS_OUTPUT,
  PATCHED_OUTPUT,
  patchNames,
  tapOutputs,
} from '../core/onnx/inspect-graph.ts';
import type { WeightFormat } from '../core/onnx/weight-format.ts';
import type { KeyValue } from '../core/recover/repair.ts';
import { range } from './help.ts';
import { toCausalBias, toLengthRule } from './packing.ts';
import type { OwnedTensor, Runtime, RunValue, Session } from './session.ts';

/** The tokens of a run, and what they stand behind. */
export interface InspectInput {
  weights: ReadonlyMap<string, OwnedTensor>;
  /** The help's keys and values, `[numLayers]`. */
  past: readonly KeyValue[];
  /** Columns that the past holds. */
  base: number;
  /** Columns that there may be in all. */
  capacity: number;
  /** Position of the first token. */
  start: number;
  ids: readonly number[]; // [S]
  /** Which tokens get logits. */
  rows: readonly number[]; // [R]
}

/** What an inspected run made, at its exact lengths. */
export interface Inspected {
  /** After the embeddings and after every layer. */
  lens: readonly Float32Array[]; // [numLayers + 1], each [R, vocabSize]
  /** By tap and layer; only those that were asked for. */
  taps: ReadonlyMap<LayerTap, readonly Float32Array[]>;
}

/** One tensor of another run in the place of a run's own: `x * kept + added`. */
export interface PatchEdit {
  target: 'heads' | 'residual';
  layer: number;
  width: number;
  kept: Float32Array<ArrayBuffer>; // [S, width]
  added: Float32Array<ArrayBuffer>; // [S, width]
}

type Fed = Record<string, OwnedTensor | RunValue>;

const ONE = floats([1, 1, 1], Float32Array.of(1));
const ZERO = floats([1, 1, 1], Float32Array.of(0));

/** A compiled graph with taps, or one that is patched, of one weight format. */
abstract class InsideDecoder {
  readonly config: ModelConfig;
  /** Its logits were compared with the fast graph's. */
  isChecked = false;
  protected readonly session: Session;
  private readonly format: WeightFormat;

  constructor(session: Session, { config, format }: InspectSpec) {
    this.session = session;
    this.config = config;
    this.format = format;
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }

  /** Few lengths where kernels are compiled by shape: what lies behind the tokens is padding that none of them sees. */
  protected pad({ ids, rows, base, capacity }: InspectInput): { count: number; numRows: number } {
    const { compilesByShape } = this.session;
    const count = toLengthRule(compilesByShape, capacity - base)(ids.length);
    return { count, numRows: toLengthRule(compilesByShape)(rows.length) };
  }

  /** What `batch` runs of the same tokens read. */
  protected toFeeds(input: InspectInput, batch = 1): Fed {
    const { count, numRows } = this.pad(input);
    const { start, base } = input;
    const feeds: Fed = {};
    for (const name of this.session.inputNames) {
      const tensor = input.weights.get(name);
      if (tensor !== undefined) feeds[name] = tensor;
    }
    for (const [layer, { numKvHeads }] of this.format.layers.entries()) {
      const names = cacheNames(layer);
      const shape = [batch, numKvHeads, base, this.config.headDim];
      const { keys = new Float32Array(), values = new Float32Array() } = input.past[layer] ?? {};
      feeds[names.pastKey] = floats(shape, repeat(keys, batch));
      feeds[names.pastValue] = floats(shape, repeat(values, batch));
    }
    const places = range(0, batch * count).map((i) => i % count);
    const ids = Int32Array.from(places, (i) => input.ids[i] ?? 0);
    const positions = BigInt64Array.from(places, (i) => BigInt(start + i));
    const rows = Int32Array.from({ length: numRows }, (_, i) => input.rows[i] ?? 0);
    feeds[DECODER_INPUTS.ids] = { type: 'int32', shape: [batch, count], data: ids };
    feeds[DECODER_INPUTS.positions] = { type: 'int64', shape: [batch, count], data: positions };
    feeds[DECODER_INPUTS.rows] = { type: 'int32', shape: [numRows], data: rows };
    feeds[DECODER_INPUTS.bias] = floats([1, 1, count, base + count], toCausalBias(count, base));
    return feeds;
  }
}

/** A run that hands out what its taps name. */
export class InspectDecoder extends InsideDecoder {
  async run(input: InspectInput, taps: readonly LayerTap[]): Promise<Inspected> {
    const named = taps.map((tap) => [tap, tapOutputs(tap, this.config)] as const);
    const wanted = [LENS_OUTPUT, ...named.flatMap(([, names]) => names)];
    const fetches = Object.fromEntries(wanted.map((name) => [name, null]));
    const outputs = await this.session.run(this.toFeeds(input), fetches);
    const dataOf = (name: string) => (outputs.get(name)?.data ?? new Float32Array()) as Float32Array;
    const { count, numRows } = this.pad(input);
    const { vocabSize, numLayers } = this.config;
    const lens = dataOf(LENS_OUTPUT);
    const trim = (tap: LayerTap, data: Float32Array) =>
      tap === 'attention' ? trimSquare(data, input, count) : trimRows(data, input.ids.length, count);
    return {
      lens: range(0, numLayers + 1).map((i) => {
        const from = i * numRows * vocabSize;
        return lens.slice(from, from + input.rows.length * vocabSize);
      }),
      taps: new Map(named.map(([tap, names]) => [tap, names.map((name) => trim(tap, dataOf(name)))])),
    };
  }
}

/** Runs in which parts of another one stand. */
export class PatchDecoder extends InsideDecoder {
  /** Logits `[R, vocabSize]` of one run per edit, all at once; null changes nothing. The edits are of one kind and layer. */
  async run(input: InspectInput, edits: readonly (PatchEdit | null)[]): Promise<Float32Array[]> {
    const feeds = this.toFeeds(input, edits.length);
    for (const target of ['heads', 'residual'] as const) {
      for (let layer = 0; layer < this.config.numLayers; layer++) {
        const names = patchNames(target, layer);
        feeds[names.kept] = ONE;
        feeds[names.added] = ZERO;
      }
    }
    const { count, numRows } = this.pad(input);
    const [first] = edits.filter((edit) => edit !== null);
    if (first !== undefined) {
      const names = patchNames(first.target, first.layer);
      const shape = [edits.length, count, first.width];
      feeds[names.kept] = floats(shape, stack(edits, 'kept', count * first.width));
      feeds[names.added] = floats(shape, stack(edits, 'added', count * first.width));
    }
    const outputs = await this.session.run(feeds, { [PATCHED_OUTPUT]: null });
    const logits = (outputs.get(PATCHED_OUTPUT)?.data ?? new Float32Array()) as Float32Array;
    const { vocabSize } = this.config;
    return edits.map((_, run) => {
      const from = run * numRows * vocabSize;
      return logits.subarray(from, from + input.rows.length * vocabSize);
    });
  }
}

/** Compiles the graph with taps of a format. */
export async function createInspectDecoder(runtime: Runtime, spec: InspectSpec): Promise<InspectDecoder> {
  return new InspectDecoder(await runtime.createSession(buildInspectGraph(spec)), spec);
}

/** Compiles the graph of a format whose tensors can be replaced. */
export async function createPatchDecoder(runtime: Runtime, spec: InspectSpec): Promise<PatchDecoder> {
  return new PatchDecoder(await runtime.createSession(buildPatchGraph(spec)), spec);
}

function floats(shape: readonly number[], data: Float32Array): RunValue {
  return { type: 'float32', shape, data };
}

/** The edits' values under each other, `size` each; what they do not reach stays as it is. */
function stack(edits: readonly (PatchEdit | null)[], part: 'kept' | 'added', size: number): Float32Array {
  const all = new Float32Array(edits.length * size).fill(part === 'kept' ? 1 : 0);
  for (const [run, edit] of edits.entries()) if (edit !== null) all.set(edit[part], run * size);
  return all;
}

function repeat(values: Float32Array, times: number): Float32Array {
  if (times === 1) return values;
  const all = new Float32Array(times * values.length);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return all;
}

/** `[1, count, width]` without the padding, `[S, width]`; a copy, so that nothing larger is sent on. */
function trimRows(data: Float32Array, length: number, count: number): Float32Array {
  return data.slice(0, (data.length / count) * length);
}

/** `[1, H, count, base + count]` without the padding, `[H, S, base + S]`. */
function trimSquare(data: Float32Array, { ids: { length }, base }: InspectInput, count: number): Float32Array {
  if (length === count) return data.slice();
  const total = base + count;
  const width = base + length;
  const numHeads = data.length / (count * total);
  const trimmed = new Float32Array(numHeads * length * width);
  for (let head = 0; head < numHeads; head++) {
    for (let row = 0; row < length; row++) {
      const from = (head * count + row) * total;
      trimmed.set(data.subarray(from, from + width), (head * length + row) * width);
    }
  }
  return trimmed;
}
