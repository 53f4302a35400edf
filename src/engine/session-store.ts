import { linearModules, type ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { DecoderSpec } from '../core/onnx/decoder-spec.ts';
import { denseFormat, toFormatKey, type WeightFormat } from '../core/onnx/weight-format.ts';
import { createDecoder, type Decoder } from './decoder.ts';
import { createInspectDecoder, createPatchDecoder, type InspectDecoder, type PatchDecoder } from './inspect-decoder.ts';
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
  /** Made when somebody looks inside. */
  private readonly inspectors = new Map<string, InspectDecoder>();
  private readonly patchers = new Map<string, PatchDecoder>();

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
    const { key, spec } = this.toSpec(format, hasLora);
    const found = this.decoders.get(key);
    if (found !== undefined) return found;
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

  /** The graph with taps of a format. */
  async inspectorFor(format: WeightFormat, hasLora: boolean): Promise<InspectDecoder> {
    const { key, spec } = this.toSpec(format, hasLora);
    return this.inspectors.get(key) ?? keep(this.inspectors, key, await createInspectDecoder(this.runtime, spec));
  }

  /** The graph of a format whose tensors can be replaced. */
  async patcherFor(format: WeightFormat, hasLora: boolean): Promise<PatchDecoder> {
    const { key, spec } = this.toSpec(format, hasLora);
    return this.patchers.get(key) ?? keep(this.patchers, key, await createPatchDecoder(this.runtime, spec));
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
    const isKept = (key: string) => keys.has(key.slice(0, key.indexOf('|')));
    for (const { decoder, scorer } of takeUnless(this.decoders, isKept)) {
      await decoder.dispose();
      await scorer.dispose();
    }
    for (const inside of takeUnless(this.inspectors, isKept)) await inside.dispose();
    for (const inside of takeUnless(this.patchers, isKept)) await inside.dispose();
    for (const router of takeUnless(this.routers, (key) => keys.has(key))) await router.dispose();
  }

  dispose(): Promise<void> {
    return this.keepOnly([]);
  }

  private toSpec(format: WeightFormat, hasLora: boolean) {
    const loraModules = new Set(hasLora ? linearModules(this.config.numLayers) : []);
    return {
      key: `${toFormatKey(format)}|${hasLora ? 'lora' : ''}`,
      spec: { config: this.config, format, loraModules },
    };
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): T {
  map.set(key, value);
  return value;
}

/** Takes what is not to stay out of a map. */
function takeUnless<T>(map: Map<string, T>, isKept: (key: string) => boolean): T[] {
  const gone = [...map].filter(([key]) => !isKept(key));
  for (const [key] of gone) map.delete(key);
  return gone.map(([, value]) => value);
}
