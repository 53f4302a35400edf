import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import { AppError } from '../core/errors.ts';
import { GREEDY } from '../core/eval/sampling.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { Prompt } from '../core/harness/task.ts';
import type { Capture, MatrixReport, PatchMap, PoolOutcome } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair } from '../core/recover/repair.ts';
import { answer, toContextIds, toTokenItem } from './answer.ts';
import type { BoundRegime } from './bound-regime.ts';
import type { VariantFiles } from './compressor.ts';
import type { Decoder } from './decoder.ts';
import { DenseLogits } from './dense-logits.ts';
import { measureDistances } from './distances.ts';
import { findFaults, scoreDocuments } from './document-scoring.ts';
import { measureFixedLoopMs } from './fixed-loop.ts';
import { generateTokens, toTimedRun } from './generation.ts';
import { checkGolden, NO_GOLDEN, type RegimeGolden } from './golden-gate.ts';
import { capture } from './inspector.ts';
import { LoadedModel } from './loaded-model.ts';
import { readMatrix } from './matrix-reading.ts';
import { patchRegimes } from './patching.ts';
import { askPool } from './pool-answers.ts';
import type {
  EngineCalls,
  GateResult,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  PreparedRegime,
  RegimeSize,
  ScoreItem,
  ScoreOutcome,
  TimingResult,
} from './protocol.ts';
import type { Router } from './routing.ts';
import { RunQueue } from './run-queue.ts';
import { DEFAULT_LIMITS, type RunnerLimits } from './runner-limits.ts';
import type {
  AskPoolOptions,
  CallOptions,
  LoadOptions,
  PatchOptions,
  PoolItems,
  Runner,
  ScoreOptions,
  TextTokenizer,
  WriteOptions,
} from './runner-type.ts';
import { scoreOneByOne, scorePacked, type TokenItem, type TokenScore } from './scoring.ts';
import type { Runtime } from './session.ts';
import { stopIfAborted } from './stopping.ts';
import { warmUp } from './warm-up.ts';
import { writeAnswers } from './written-answers.ts';

/** A runner on a runtime; give it a checkpoint first. */
export function createRunner(runtime: Runtime, limits: Partial<RunnerLimits> = {}): Runner {
  return new ModelRunner(runtime, { ...DEFAULT_LIMITS, ...limits });
}

class ModelRunner implements Runner {
  private readonly runtime: Runtime;
  private readonly limits: RunnerLimits;
  private readonly queue = new RunQueue();
  private readonly warm = new WeakSet<Decoder>();
  /** Scorers and routers that have passed a check with some regime. */
  private hasPassedThoroughly = false;
  private readonly checkedScorers = new WeakSet<Decoder>();
  private readonly checkedRouters = new WeakSet<Router>();
  private model: LoadedModel | null = null;
  private dense = new DenseLogits();

  constructor(runtime: Runtime, limits: RunnerLimits) {
    this.runtime = runtime;
    this.limits = limits;
  }

  get sessionsCreated(): number {
    return this.runtime.sessionsCreated;
  }

  get ownedBytes(): number {
    return this.runtime.ownedBytes;
  }

  loadCheckpoint(checkpoint: Checkpoint, tokenizer: TextTokenizer, files: VariantFiles | null = null): Promise<void> {
    return this.queue.add(async () => {
      const model = new LoadedModel(this.runtime, { checkpoint, tokenizer, files }, this.limits);
      try {
        await model.loadVariant(null);
      } catch (error) {
        await model.dispose();
        throw error;
      }
      const former = this.model;
      this.model = model;
      this.dense = new DenseLogits();
      await former?.dispose();
    });
  }

  loadRecipe(recipe: Recipe | null, options: LoadOptions = {}): Promise<{ size: RegimeSize; sessionsCreated: number }> {
    return this.queue.add(async () => {
      const before = this.sessionsCreated;
      const model = this.require();
      const { size } = await model.bind({ id: '', recipe, recovery: { kind: 'none' } }, options);
      return { size, sessionsCreated: this.sessionsCreated - before };
    });
  }

  compress(recipe: Recipe, options: LoadOptions = {}): Promise<Variant> {
    return this.queue.add(async () => (await this.require().loadVariant(recipe, options)).variant);
  }

  prepareRegime(
    regime: Regime,
    repair: Repair | null,
    golden: RegimeGolden | null,
    options: LoadOptions = {},
  ): Promise<PreparedRegime> {
    return this.queue.add(async () => {
      const before = this.sessionsCreated;
      const model = this.require();
      if (repair !== null && 'repairId' in regime.recovery) model.addRepair(regime.recovery.repairId, repair);
      const bound = await model.bind(regime, options);
      await this.warmUpOnce(bound, options);
      stopIfAborted(options.signal);
      options.onProgress?.({ phase: 'checking', loadedBytes: 0, totalBytes: 0, label: regime.id });
      const gate = golden === null ? NO_GOLDEN : await this.check(bound, golden, options.signal);
      return {
        regimeId: regime.id,
        size: bound.size,
        gate,
        sessionsCreated: this.sessionsCreated - before,
      };
    });
  }

  generate(
    request: GenerateRequest,
    options: CallOptions & { onToken?: ((token: GeneratedToken) => void) | undefined } = {},
  ): Promise<GenerateResult> {
    return this.queue.add(async () => {
      const model = this.require();
      const bound = await model.bind(request.regime, { signal: options.signal });
      return answer(model, bound, request, options);
    });
  }

  score(
    regime: Regime,
    items: readonly ScoreItem[],
    { signal, withFidelity = false }: ScoreOptions = {},
  ): Promise<readonly ScoreOutcome[]> {
    return this.queue.add(async () => {
      const { rowLength } = this.limits;
      const dense = withFidelity ? await this.dense.read(this.require(), items, rowLength, signal) : null;
      return this.scoreBy(regime, items, signal, (bound, tokens) =>
        scorePacked(bound, tokens, { rowLength, signal }, dense),
      );
    });
  }

  scoreItemByItem(
    regime: Regime,
    items: readonly ScoreItem[],
    { signal }: CallOptions = {},
  ): Promise<readonly ScoreOutcome[]> {
    return this.queue.add(() =>
      this.scoreBy(regime, items, signal, (bound, tokens) => scoreOneByOne(bound, tokens, signal)),
    );
  }

  checkPrompts(prompts: readonly Prompt[]): Promise<EngineCalls['checkPrompts']['output']> {
    return this.queue.add(async () => findFaults(this.require(), prompts, this.toReading().maxTokens));
  }

  scoreDocuments(
    regime: Regime,
    prompts: readonly Prompt[],
    { signal }: CallOptions = {},
  ): Promise<readonly DocumentScores[]> {
    return this.queue.add(async () => {
      const model = this.require();
      const bound = await model.bind(regime, { signal });
      return scoreDocuments(model, bound, prompts, { ...this.toReading(), signal });
    });
  }

  writeAnswers(
    regime: Regime,
    prompts: readonly Prompt[],
    options: WriteOptions,
  ): Promise<EngineCalls['writeAnswers']['output']> {
    return this.queue.add(async () => {
      const model = this.require();
      const bound = await model.bind(regime, { signal: options.signal });
      return writeAnswers(model, bound, prompts, { ...this.toReading(), ...options });
    });
  }

  time(regime: Regime, context: string, newTokens: number, { signal }: CallOptions = {}): Promise<TimingResult> {
    return this.queue.add(async () => {
      const model = this.require();
      const bound = await model.bind(regime, { signal });
      const fixedLoopMs = measureFixedLoopMs();
      const run = await generateTokens(bound, toContextIds(model, bound, context), {
        maxNewTokens: newTokens,
        sampling: GREEDY,
        endTokenId: null,
      });
      stopIfAborted(signal);
      const contextTokens = model.tokenizer.encode(context).length;
      return { regimeId: regime.id, contextTokens, ...toTimedRun(run, fixedLoopMs) };
    });
  }

  inspect(input: EngineCalls['inspect']['input'], { signal }: CallOptions = {}): Promise<Capture> {
    return this.queue.add(() => capture(this.require(), input, signal));
  }

  measureDistances(
    input: EngineCalls['measureDistances']['input'],
    { signal }: CallOptions = {},
  ): Promise<EngineCalls['measureDistances']['output']> {
    return this.queue.add(() => measureDistances(this.require(), input, signal));
  }

  patch(input: EngineCalls['patch']['input'], options: PatchOptions = {}): Promise<PatchMap> {
    return this.queue.add(() => patchRegimes(this.require(), input, options));
  }

  askPool(
    regime: Regime,
    items: PoolItems,
    { maxNewTokens, signal, onProgress }: AskPoolOptions,
  ): Promise<readonly PoolOutcome[]> {
    return this.queue.add(async () => {
      const { rowLength } = this.limits;
      return askPool(this.require(), { regime, items, maxNewTokens }, { rowLength, signal, onProgress });
    });
  }

  inspectMatrix(regime: Regime, module: string, options: LoadOptions = {}): Promise<MatrixReport> {
    return this.queue.add(() => readMatrix(this.require(), { regime, module }, options));
  }

  dispose(): Promise<void> {
    return this.queue.add(async () => {
      await this.model?.dispose();
      this.model = null;
    });
  }

  /** Compiles what a regime runs, once a decoder; on wasm there is nothing to compile. */
  private async warmUpOnce(bound: BoundRegime, options: LoadOptions): Promise<void> {
    if (this.runtime.kind === 'wasm' || this.warm.has(bound.decoder)) return;
    stopIfAborted(options.signal);
    options.onProgress?.({ phase: 'compiling', loadedBytes: 0, totalBytes: 0, label: 'Shaders' });
    await warmUp(bound, this.require().checkpoint.config.bosTokenId);
    this.warm.add(bound.decoder);
  }

  private async check(bound: BoundRegime, golden: RegimeGolden, signal: AbortSignal | undefined): Promise<GateResult> {
    const { scorer, routing } = bound;
    const { rowLength, gates } = this.limits;
    const ofNew = this.hasPassedThoroughly ? gates.otherDecoders : 'thorough';
    const depth = this.checkedScorers.has(scorer) ? gates.otherRegimes : ofNew;
    const routingDepth = routing === null || this.checkedRouters.has(routing.router) ? gates.otherRegimes : ofNew;
    const gate = await checkGolden(bound, golden, { rowLength, depth, routingDepth, signal });
    if (gate.status === 'passed') {
      this.hasPassedThoroughly = true;
      this.checkedScorers.add(scorer);
      if (routing !== null) this.checkedRouters.add(routing.router);
    }
    return gate;
  }

  private async scoreBy(
    regime: Regime,
    items: readonly ScoreItem[],
    signal: AbortSignal | undefined,
    run: (bound: BoundRegime, tokens: readonly TokenItem[]) => Promise<readonly TokenScore[]>,
  ): Promise<readonly ScoreOutcome[]> {
    const model = this.require();
    const bound = await model.bind(regime, { signal });
    const tokens = items.map((item) => toTokenItem(model, bound, item));
    const scores = await run(bound, tokens);
    return scores.map((score, i) => ({ id: items[i]?.id ?? '', ...score }));
  }

  /** How prompts of tasks are read. */
  private toReading(): { rowLength: number; maxTokens: number } {
    const { rowLength, cacheLength } = this.limits;
    // The other half is room for whatever help stands before them.
    return { rowLength, maxTokens: Math.floor(cacheLength / 2) };
  }

  private require(): LoadedModel {
    if (this.model !== null) return this.model;
    throw new AppError('input-invalid', 'No model is loaded. Load a pack first.', { loaded: false });
  }
}
