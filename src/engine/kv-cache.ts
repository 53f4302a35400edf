import { AppError } from '../core/errors.ts';
import { cacheNames, type DecoderSizes } from '../core/onnx/decoder-spec.ts';
import type { KeyValue } from '../core/recover/repair.ts';
import type { Feeds, Fetches, OwnedTensor, Runtime, RunValue } from './session.ts';

/**
 * Keys and values of all layers for one help (or none): the first `base` slots are the help's, the rest is the context's.
 *
 * On WebGPU the buffers are static, `capacity` slots bound as past and as present, so that nothing grows or moves.
 * On wasm every run copies its inputs, so the past is just as long as it is used.
 */
export class KvCache {
  readonly capacity: number;
  /** Slots that the help fills; a regime starts behind them. */
  base = 0;
  /** Slots filled so far, help included. */
  length = 0;
  private readonly sizes: DecoderSizes;
  private readonly runtime: Runtime;
  private tensors: OwnedTensor[]; // per layer key, value
  private grown: RunValue[] | null = null; // wasm only

  constructor(runtime: Runtime, sizes: DecoderSizes, capacity: number) {
    this.runtime = runtime;
    this.sizes = sizes;
    this.capacity = capacity;
    this.tensors = this.createTensors(runtime.kind === 'webgpu' ? capacity : 0);
  }

  get sizeBytes(): number {
    return this.tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  }

  /** Inputs of the next run: the past of every layer. */
  feeds(): Feeds {
    const feeds: Record<string, OwnedTensor | RunValue> = {};
    const past = this.grown ?? this.tensors;
    this.eachTensor((names, kind, index) => {
      const value = past[index];
      if (value !== undefined) feeds[kind === 'key' ? names.pastKey : names.pastValue] = value;
    });
    return feeds;
  }

  /** Outputs of a run that must be bound or kept; `keeps` is false where its keys and values are wanted by no later run. */
  fetches(keeps: boolean): Fetches {
    const fetches: Record<string, OwnedTensor | null> = {};
    if (this.runtime.kind === 'wasm' && !keeps) return fetches;
    this.eachTensor((names, kind, index) => {
      const tensor = this.runtime.kind === 'webgpu' ? this.tensors[index] : null;
      if (tensor !== undefined) fetches[kind === 'key' ? names.presentKey : names.presentValue] = tensor;
    });
    return fetches;
  }

  /** Takes over what a run of `count` tokens made. */
  advance(count: number, outputs: ReadonlyMap<string, RunValue>): void {
    this.length += count;
    if (this.runtime.kind === 'webgpu') return;
    const grown: RunValue[] = [];
    this.eachTensor((names, kind, index) => {
      const value = outputs.get(kind === 'key' ? names.presentKey : names.presentValue);
      if (value !== undefined) grown[index] = value;
    });
    this.grown = grown;
  }

  /** Throws `limit-exceeded` where `count` more tokens do not fit. */
  reserve(count: number): void {
    if (this.length + count <= this.capacity) return;
    const allowed = this.capacity - this.length;
    throw new AppError(
      'limit-exceeded',
      `The text is ${count} tokens long; ${allowed} fit. Shorten it or ask for fewer new tokens.`,
      {
        tokens: count,
        allowed,
      },
    );
  }

  /** Drops the context; the help stays. */
  reset(): void {
    this.length = this.base;
    this.grown = null;
  }

  /** Makes what was run so far the help. */
  keepAsBase(): void {
    this.base = this.length;
    const grown = this.grown;
    if (grown === null) return;
    this.grown = null;
    for (const tensor of this.tensors) tensor.dispose();
    this.tensors = grown.map(({ shape, data }) => this.runtime.createTensor('float32', shape, data));
  }

  /** Makes given keys and values of `n` slots the help, as they are: a prefix's keys carry no rotation. */
  writeBase(layers: readonly KeyValue[], n: number): void {
    if (n > this.capacity) this.reserve(n);
    if (this.runtime.kind === 'wasm') {
      for (const tensor of this.tensors) tensor.dispose();
      this.tensors = this.createTensors(n);
    }
    const { headDim } = this.sizes.config;
    const slots = this.runtime.kind === 'wasm' ? n : this.capacity;
    this.eachTensor((_, kind, index) => {
      const values = layers[index >> 1]?.[kind === 'key' ? 'keys' : 'values'];
      if (values === undefined)
        throw new AppError('repair-invalid', `The prefix has no layer ${index >> 1}.`, { layer: index >> 1 });
      for (let head = 0; head < this.numKvHeads(index >> 1); head++) {
        const part = values.subarray(head * n * headDim, (head + 1) * n * headDim);
        this.tensors[index]?.write(part, head * slots * headDim);
      }
    });
    this.length = n;
    this.base = n;
    this.grown = null;
  }

  /** The help's keys in one layer, `[numKvHeads, base, headDim]`, of the heads that the layer has. */
  readBaseKeys(layer: number): Promise<Float32Array<ArrayBuffer>> {
    return this.readBaseOf(layer, 'key');
  }

  /** The help's keys and values in one layer, at their exact length. */
  async readBase(layer: number): Promise<KeyValue> {
    return { keys: await this.readBaseOf(layer, 'key'), values: await this.readBaseOf(layer, 'value') };
  }

  dispose(): void {
    for (const tensor of this.tensors) tensor.dispose();
    this.grown = null;
  }

  private async readBaseOf(layer: number, kind: 'key' | 'value'): Promise<Float32Array<ArrayBuffer>> {
    const { headDim } = this.sizes.config;
    const numKvHeads = this.numKvHeads(layer);
    const tensor = this.tensors[layer * 2 + (kind === 'key' ? 0 : 1)];
    if (tensor === undefined) throw new AppError('internal', `The cache has no layer ${layer}.`, { layer });
    const all = (await tensor.read()) as Float32Array;
    const slots = tensor.shape[2] ?? 0;
    const part = new Float32Array(numKvHeads * this.base * headDim);
    for (let head = 0; head < numKvHeads; head++) {
      const from = head * slots * headDim;
      part.set(all.subarray(from, from + this.base * headDim), head * this.base * headDim);
    }
    return part;
  }

  private createTensors(slots: number): OwnedTensor[] {
    const { config, format } = this.sizes;
    const tensors: OwnedTensor[] = [];
    try {
      for (const { numKvHeads } of format.layers) {
        const shape = [1, numKvHeads, slots, config.headDim];
        for (let i = 0; i < 2; i++) tensors.push(this.runtime.createTensor('float32', shape));
      }
    } catch (error) {
      for (const tensor of tensors) tensor.dispose();
      throw error;
    }
    return tensors;
  }

  private numKvHeads(layer: number): number {
    return this.sizes.format.layers[layer]?.numKvHeads ?? 0;
  }

  private eachTensor(
    visit: (names: ReturnType<typeof cacheNames>, kind: 'key' | 'value', index: number) => void,
  ): void {
    for (let layer = 0; layer < this.sizes.format.layers.length; layer++) {
      const names = cacheNames(layer);
      visit(names, 'key', layer * 2);
      visit(names, 'value', layer * 2 + 1);
    }
  }
}
