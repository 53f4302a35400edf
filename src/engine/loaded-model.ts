import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { wholeLayers } from '../core/checkpoint/layer-shape.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Variant } from '../core/compress/variant.ts';
import { AppError } from '../core/errors.ts';
import { foldInputScales, foldLora } from '../core/onnx/fold-scales.ts';
import { denseFormat, toWeightFormat, type WeightFormat } from '../core/onnx/weight-format.ts';
import { fitLora, fitPrefix } from '../core/recover/fit-repair.ts';
import { mergeLora } from '../core/recover/lora.ts';
import type { Regime } from '../core/recover/regime.ts';
import { countParameters, type Lora, type Pool, promptLength, type Repair } from '../core/recover/repair.ts';
import type { BoundRegime } from './bound-regime.ts';
import { Compressor, reportCompiling, type VariantFiles } from './compressor.ts';
import { createPrefixHelp, createPromptHelp, createTextHelp, type Help, type HelpSource } from './help.ts';
import { PlainHelps } from './plain-helps.ts';
import { createPoolHelp } from './pool-help.ts';
import { PARAMETER_BYTES, toRegimeSize } from './regime-size.ts';
import type { MemoryLimits } from './runner-limits.ts';
import type { LoadOptions, TextTokenizer } from './runner-type.ts';
import { SelfTests } from './self-test.ts';
import type { Runtime } from './session.ts';
import { SessionStore } from './session-store.ts';
import { WeightStore } from './weight-store.ts';
import { createLoraBranches, createSharedWeights, sizeBytesOf, type TensorSet } from './weights.ts';

interface LoadedVariant {
  key: string;
  variant: Variant;
  /** The same without input scales, as it runs. */
  folded: Variant;
  format: WeightFormat;
  lastUse: number;
}

interface Prepared extends BoundRegime {
  /** Key of the weight set it binds; gone with it. */
  weightKey: string;
  format: WeightFormat;
  release: () => void;
}

// The dense checkpoint, the recipe in use and the one before it; an older one's buffers serve the next recipe.
const KEPT_VARIANTS = 3;
// More than a board shows with both twins of every repair; each text that is typed before a question is a regime too.
const KEPT_REGIMES = 32;

/** A checkpoint on a runtime: its variants, sessions, weights and the regimes made ready from them. */
export class LoadedModel {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: TextTokenizer;
  private readonly runtime: Runtime;
  private readonly limits: MemoryLimits;
  readonly sessions: SessionStore;
  private readonly compressor: Compressor;
  private readonly selfTests: SelfTests;
  private readonly shared: TensorSet;
  private readonly weights: WeightStore;
  private readonly plain: PlainHelps;
  private readonly variants = new Map<string, LoadedVariant>();
  private readonly regimes = new Map<string, Prepared>();
  private readonly repairs = new Map<string, Repair>();
  private clock = 0;

  constructor(
    runtime: Runtime,
    { checkpoint, tokenizer, files }: { checkpoint: Checkpoint; tokenizer: TextTokenizer; files: VariantFiles | null },
    limits: MemoryLimits,
  ) {
    this.runtime = runtime;
    this.checkpoint = checkpoint;
    this.tokenizer = tokenizer;
    this.limits = limits;
    this.sessions = new SessionStore(runtime, checkpoint.config);
    this.compressor = new Compressor(runtime, checkpoint, tokenizer, files);
    this.selfTests = new SelfTests(denseFormat(wholeLayers(checkpoint.config)));
    // A help may start as late as the cache is long, and the context comes behind it.
    this.shared = createSharedWeights(runtime, checkpoint, 2 * limits.cacheLength);
    this.weights = new WeightStore(runtime, limits.weightBudgetBytes, (key) => this.dropRegimes(key));
    try {
      this.plain = new PlainHelps(runtime, checkpoint.config, limits.cacheLength);
      this.plain.helpFor(denseFormat(wholeLayers(checkpoint.config)));
    } catch (error) {
      this.shared.dispose();
      throw error;
    }
  }

  addRepair(id: string, repair: Repair): void {
    this.repairs.set(id, repair);
  }

  /** A LoRA cut to a variant's sizes; throws `repair-invalid` where none of the name was added. */
  findLora(id: string, variant: Variant): Lora {
    return fitLora(this.findRepair(id, 'lora'), variant);
  }

  /**
   * The variant of a recipe with all sessions that its regimes need; older recipes give way. It counts once it has passed its self-test;
   * throws `golden-mismatch`, and nothing of it stays, nor where its weights find no room.
   */
  async loadVariant(recipe: Recipe | null, options: LoadOptions = {}): Promise<LoadedVariant> {
    const key = toRecipeKey(recipe);
    const found = this.variants.get(key);
    if (found !== undefined) {
      found.lastUse = ++this.clock;
      return found;
    }
    const variant = await this.compressor.compress(recipe, options);
    const folded = foldInputScales(variant);
    const format = toWeightFormat(folded);
    reportCompiling(options, 'Graphs');
    await this.sessions.makeAll(format, options.signal);
    const loaded = { key, variant, folded, format, lastUse: ++this.clock };
    this.variants.set(key, loaded);
    try {
      await this.retireOldVariants();
      this.weights.find(key) ?? this.weights.add(key, format, folded);
      await this.selfTests.pass({ recipe, variant, format }, () => this.bindVariant(loaded));
    } catch (error) {
      this.drop(key);
      throw error;
    }
    return loaded;
  }

  /** Everything that a run of the regime binds; made where it is not there. Throws `repair-invalid` for an unknown repair. */
  async bind(regime: Regime, options: LoadOptions = {}): Promise<BoundRegime> {
    const key = toRegimeKey(regime);
    const found = this.regimes.get(key);
    if (found !== undefined && this.weights.find(found.weightKey) !== null) {
      await this.loadVariant(regime.recipe, options);
      this.regimes.delete(key); // to stand last, as the one used last
      this.regimes.set(key, found);
      return found;
    }
    const loaded = await this.loadVariant(regime.recipe, options);
    const prepared = await this.prepare(regime, loaded);
    this.regimes.set(key, prepared);
    for (const [oldKey, old] of this.regimes) {
      if (this.regimes.size <= KEPT_REGIMES) break;
      old.release();
      this.regimes.delete(oldKey);
    }
    return prepared;
  }

  async dispose(): Promise<void> {
    for (const regime of this.regimes.values()) regime.release();
    this.regimes.clear();
    this.weights.dispose();
    this.plain.dispose();
    this.shared.dispose();
    this.variants.clear();
    await this.sessions.dispose();
    await this.compressor.dispose();
  }

  private async prepare(regime: Regime, loaded: LoadedVariant): Promise<Prepared> {
    const { recovery } = regime;
    const base = await this.bindVariant(loaded);
    switch (recovery.kind) {
      case 'none':
        return base;
      case 'text': {
        const { config } = this.checkpoint;
        const ids = [config.bosTokenId, ...this.tokenizer.encode(recovery.text)];
        return withHelps(base, [await createTextHelp(this.toHelpSource(base), ids)], 0);
      }
      case 'prompt': {
        const repair = this.findRepair(recovery.repairId, 'prompt');
        const help = await createPromptHelp(this.toHelpSource(base), repair, promptLength(repair));
        return withHelps(base, [help], countParameters(repair));
      }
      case 'prefix': {
        const repair = fitPrefix(this.findRepair(recovery.repairId, 'prefix'), loaded.variant);
        return withHelps(base, [createPrefixHelp(this.toHelpSource(base), repair)], countParameters(repair));
      }
      case 'idp':
        return this.bindPool(base, loaded, this.findRepair(recovery.repairId, 'pool'));
      case 'lora-merged':
        return this.bindMerged(loaded, recovery.repairId, recovery.recompress);
      case 'lora-unmerged':
        return this.bindBranches(base, loaded, recovery.repairId);
      default:
        return recovery satisfies never;
    }
  }

  /** A variant without help. */
  private async bindVariant({ key, variant, folded, format }: LoadedVariant): Promise<Prepared> {
    const set = this.weights.find(key) ?? this.weights.add(key, format, folded);
    const pair = await this.sessions.decodersFor(format, false);
    const plain = this.plain.helpFor(format);
    const weights = new Map([...this.shared.tensors, ...set.tensors]);
    const size = toRegimeSize(variant, sizeBytesOf(weights) + plain.cache.sizeBytes, 0, 0);
    return {
      ...pair,
      weights,
      helps: [plain],
      routing: null,
      size,
      weightKey: key,
      format,
      release: () => undefined,
    };
  }

  private async bindPool(base: Prepared, { format }: LoadedVariant, repair: Pool): Promise<Prepared> {
    const router = await this.sessions.routerFor(format);
    const { helps, pool } = await createPoolHelp(this.toHelpSource(base), repair);
    const bound = withHelps(base, helps, countParameters(repair));
    const release = () => {
      bound.release();
      pool.keys.dispose();
    };
    return { ...bound, routing: { router, pool }, release };
  }

  /** A LoRA in the weights: dense ones, or the variant's own mask and grid put on again. */
  private async bindMerged(loaded: LoadedVariant, repairId: string, recompress: boolean): Promise<Prepared> {
    const lora = this.findLora(repairId, loaded.variant);
    const key = `${loaded.key}|${repairId}|${recompress ? 'recompressed' : 'dense'}`;
    const variant = mergeLora(loaded.variant, lora, { recompress });
    const folded = foldInputScales(variant);
    const merged = { ...loaded, key, variant, folded, format: toWeightFormat(folded) };
    const bound = await this.bindVariant(merged);
    return { ...bound, size: { ...bound.size, repairParameters: countParameters(lora) } };
  }

  /** A LoRA beside the weights; modules that it leaves alone get a branch of zeros. */
  private async bindBranches(base: Prepared, loaded: LoadedVariant, repairId: string): Promise<Prepared> {
    const lora = this.findLora(repairId, loaded.variant);
    const pair = await this.sessions.decodersFor(loaded.format, true);
    const sizes = { config: this.checkpoint.config, format: loaded.format };
    const branches = createLoraBranches(this.runtime, sizes, foldLora(lora, loaded.variant));
    const weights = new Map([...base.weights, ...branches.tensors]);
    const parameters = countParameters(lora);
    const runtimeBytes = base.size.runtimeBytes + branches.sizeBytes;
    const size = toRegimeSize(loaded.variant, runtimeBytes, parameters, parameters);
    return { ...base, ...pair, weights, size, release: () => branches.dispose() };
  }

  private toHelpSource(base: Prepared): HelpSource {
    return { runtime: this.runtime, decoder: base.decoder, weights: base.weights, capacity: this.limits.cacheLength };
  }

  private findRepair<K extends Repair['kind']>(id: string, kind: K): Extract<Repair, { kind: K }> {
    const repair = this.repairs.get(id);
    if (repair?.kind === kind) return repair as Extract<Repair, { kind: K }>;
    const observed = repair?.kind ?? 'none';
    const message = `The regime asks for a ${kind} as its repair ${id}; what is loaded is ${observed}. Load the repair first.`;
    throw new AppError('repair-invalid', message, { repairId: id, observed, allowed: kind });
  }

  private async retireOldVariants(): Promise<void> {
    const old = [...this.variants.values()]
      .filter(({ key }) => key !== DENSE_KEY)
      .sort((a, b) => b.lastUse - a.lastUse)
      .slice(KEPT_VARIANTS - 1);
    for (const { key } of old) this.drop(key);
    // A LoRA merged into some matrices of a quantized variant runs in a format of its own.
    const formats = [...this.variants.values(), ...this.regimes.values()].map(({ format }) => format);
    this.plain.keepOnly(formats);
    await this.sessions.keepOnly(formats.flatMap((format) => [format, denseFormat(format.layers)]));
  }

  private drop(key: string): void {
    this.variants.delete(key);
    this.weights.retire((name) => name === key || name.startsWith(`${key}|`));
  }

  /** Regimes on a weight set that is gone. */
  private dropRegimes(weightKey: string): void {
    for (const [key, regime] of [...this.regimes]) {
      if (regime.weightKey !== weightKey) continue;
      regime.release();
      this.regimes.delete(key);
    }
  }
}

const DENSE_KEY = toRecipeKey(null);

function toRegimeKey({ recipe, recovery }: Regime): string {
  return `${toRecipeKey(recipe)} ${JSON.stringify(recovery)}`;
}

/** A regime with helps of its own, and the parameters that they add. */
function withHelps(base: Prepared, helps: readonly Help[], parameters: number): Prepared {
  const cacheBytes = helps.reduce((sum, { cache }) => sum + cache.sizeBytes, 0);
  const runtimeBytes = base.size.runtimeBytes + cacheBytes;
  const storedBytes = base.size.storedBytes + parameters * PARAMETER_BYTES;
  const size = { ...base.size, storedBytes, runtimeBytes, extraParameters: parameters, repairParameters: parameters };
  const release = () => {
    for (const { cache } of helps) cache.dispose();
  };
  return { ...base, helps, size, release };
}
