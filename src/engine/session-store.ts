import { linearModules, type ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { DecoderSpec } from '../core/onnx/decoder-spec.ts';
import { denseFormat, toFormatKey, type WeightFormat } from '../core/onnx/weight-format.ts';
import { createDecoder, type Decoder } from './decoder.ts';
import { createRouter, type Router } from './routing.ts';
import type { Runtime } from './session.ts';
import { hearStop } from './stopping.ts';

/** The two decoders of a weight format: for one row, and for several items in a row. */
export interface DecoderPair {
  decoder: Decoder;
  scorer: Decoder;
}

/** Sessions by weight format; a regime's are made when its recipe is loaded, so that no switch waits for one. */
export class SessionStore {
  private readonly runtime: Runtime;
  private readonly config: ModelConfig;
  private readonly decoders = new Map<string, DecoderPair>();
  private readonly routers = new Map<string, Router>();

  constructor(runtime: Runtime, config: ModelConfig) {
    this.runtime = runtime;
    this.config = config;
  }

  /** Makes what the regimes of a format run in, a LoRA that is merged dense among them; throws `stopped` between two sessions when the signal aborts. */
  async makeAll(format: WeightFormat, signal: AbortSignal | undefined): Promise<void> {
    await hearStop(signal);
    await this.decodersFor(denseFormat(format.layers), false);
    await hearStop(signal);
    await this.decodersFor(format, false);
    await hearStop(signal);
    await this.decodersFor(format, true);
    await hearStop(signal);
    await this.routerFor(format);
  }

  /** The decoders of a format, with a LoRA branch beside every linear matrix or without. */
  async decodersFor(format: WeightFormat, hasLora: boolean): Promise<DecoderPair> {
    const key = `${toFormatKey(format)}|${hasLora ? 'lora' : ''}`;
    const found = this.decoders.get(key);
    if (found !== undefined) return found;
    const loraModules = new Set(hasLora ? linearModules(this.config.numLayers) : []);
    const spec = { config: this.config, format, loraModules };
    const pair = await (this.runtime.kind === 'webgpu' ? this.createFused(spec) : this.createPlain(spec));
    this.decoders.set(key, pair);
    return pair;
  }

  private async createFused(spec: Omit<DecoderSpec, 'attention' | 'hasBias'>): Promise<DecoderPair> {
    const decoder = await createDecoder(this.runtime, { ...spec, attention: 'fused', hasBias: false });
    return { decoder, scorer: await createDecoder(this.runtime, { ...spec, attention: 'fused', hasBias: true }) };
  }

  /** Plain attention takes a bias anyway, so one session serves for both. */
  private async createPlain(spec: Omit<DecoderSpec, 'attention' | 'hasBias'>): Promise<DecoderPair> {
    const decoder = await createDecoder(this.runtime, { ...spec, attention: 'plain', hasBias: true });
    return { decoder, scorer: decoder };
  }

  async routerFor(format: WeightFormat): Promise<Router> {
    const key = toFormatKey(format);
    const found = this.routers.get(key);
    if (found !== undefined) return found;
    const router = await createRouter(this.runtime, this.config, format);
    this.routers.set(key, router);
    return router;
  }

  /** Frees the sessions of all formats but those named. */
  async keepOnly(formats: readonly WeightFormat[]): Promise<void> {
    const keys = new Set(formats.map(toFormatKey));
    for (const [key, { decoder, scorer }] of [...this.decoders]) {
      if (keys.has(key.slice(0, key.indexOf('|')))) continue;
      this.decoders.delete(key);
      await decoder.dispose();
      await scorer.dispose();
    }
    for (const [key, router] of [...this.routers]) {
      if (keys.has(key)) continue;
      this.routers.delete(key);
      await router.dispose();
    }
  }

  dispose(): Promise<void> {
    return this.keepOnly([]);
  }
}
