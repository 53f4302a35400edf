import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { WeightFormat } from '../core/onnx/weight-format.ts';
import type { Help } from './help.ts';
import { KvCache } from './kv-cache.ts';
import type { Runtime } from './session.ts';

/** Caches of contexts without help: one for all variants whose layers have as many key/value heads. */
export class PlainHelps {
  private readonly runtime: Runtime;
  private readonly config: ModelConfig;
  private readonly capacity: number;
  private readonly helps = new Map<string, Help>();

  /** `capacity` is that of each cache, in slots. */
  constructor(runtime: Runtime, config: ModelConfig, capacity: number) {
    this.runtime = runtime;
    this.config = config;
    this.capacity = capacity;
  }

  helpFor(format: WeightFormat): Help {
    const key = toHeadsKey(format);
    const found = this.helps.get(key);
    if (found !== undefined) return found;
    const cache = new KvCache(this.runtime, { config: this.config, format }, this.capacity);
    const help = { cache, start: 0, holdsBegin: false };
    this.helps.set(key, help);
    return help;
  }

  /** Frees the caches of all formats but those named. */
  keepOnly(formats: readonly WeightFormat[]): void {
    const keys = new Set(formats.map(toHeadsKey));
    for (const [key, { cache }] of [...this.helps]) {
      if (keys.has(key)) continue;
      this.helps.delete(key);
      cache.dispose();
    }
  }

  dispose(): void {
    this.keepOnly([]);
  }
}

function toHeadsKey({ layers }: WeightFormat): string {
  return layers.map(({ numKvHeads }) => numKvHeads).join();
}
