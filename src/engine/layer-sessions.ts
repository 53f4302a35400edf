import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { buildGramGraph, buildLayerGraph } from '../core/onnx/layer-graphs.ts';
import type { Runtime, Session } from './session.ts';

/** What runs the layers of one size: the Gram matrices of its inputs, and the layer itself. */
export interface LayerPair {
  gram: Session;
  layer: Session;
}

/** Sessions of single layers by their sizes: one pair serves all whole layers, others come where units are gone. */
export class LayerSessions {
  private readonly runtime: Runtime;
  private readonly pairs = new Map<string, LayerPair>();

  constructor(runtime: Runtime) {
    this.runtime = runtime;
  }

  /** The pair for layers of a config's sizes. */
  async pairFor(config: ModelConfig): Promise<LayerPair> {
    const key = toSizesKey(config);
    const found = this.pairs.get(key);
    if (found !== undefined) return found;
    const gram = await this.runtime.createSession(buildGramGraph(config), { onCpu: true });
    try {
      const pair = { gram, layer: await this.runtime.createSession(buildLayerGraph(config), { onCpu: true }) };
      this.pairs.set(key, pair);
      return pair;
    } catch (error) {
      await gram.dispose();
      throw error;
    }
  }

  /** Frees all pairs but that of a config's sizes. */
  async keepOnly(config: ModelConfig | null): Promise<void> {
    for (const [key, { gram, layer }] of [...this.pairs]) {
      if (config !== null && key === toSizesKey(config)) continue;
      this.pairs.delete(key);
      await gram.dispose();
      await layer.dispose();
    }
  }
}

function toSizesKey({ numKvHeads, intermediateSize }: ModelConfig): string {
  return `${numKvHeads}x${intermediateSize}`;
}
