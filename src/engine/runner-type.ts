import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { Prompt } from '../core/harness/task.ts';
import type { Capture, MatrixReport, PatchMap, PoolOutcome } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair } from '../core/recover/repair.ts';
import type { VariantFiles } from './compressor.ts';
import type { RegimeGolden } from './golden-gate.ts';
import type {
  EngineCalls,
  GeneratedToken,
  GenerateRequest,
  GenerateResult,
  LoadProgress,
  PreparedRegime,
  RegimeSize,
  ScoreItem,
  ScoreOutcome,
  TimingResult,
} from './protocol.ts';

/** Text to token ids and back; `decode` leaves special tokens out. */
export interface TextTokenizer {
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface LoadOptions extends CallOptions {
  onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** Questions to a pool; an answer is null where none is known. */
export type PoolItems = EngineCalls['askPool']['input']['items'];

export interface AskPoolOptions extends CallOptions {
  maxNewTokens: number;
  onProgress?: ((progress: EngineCalls['askPool']['event']) => void) | undefined;
}

export interface WriteOptions extends CallOptions {
  maxNewTokens: number;
  onProgress?: ((progress: EngineCalls['writeAnswers']['event']) => void) | undefined;
}

export interface PatchOptions extends CallOptions {
  onProgress?: ((progress: EngineCalls['patch']['event']) => void) | undefined;
}

export interface ScoreOptions extends CallOptions {
  withFidelity?: boolean | undefined;
}

/**
 * Runs one checkpoint in all its regimes on one runtime. Made by `createRunner(runtime)`.
 *
 * Calls are queued: one runs at a time. All throw `AppError`; a failed load leaves what was loaded before in place.
 */
export interface Runner {
  /** Replaces the checkpoint; drops all recipes, repairs and regimes of the one before. Without `files` calibrated recipes are refused. */
  loadCheckpoint(checkpoint: Checkpoint, tokenizer: TextTokenizer, files?: VariantFiles): Promise<void>;
  /** Builds the variant aside and makes every session that its regimes need; `null` is the dense checkpoint. */
  loadRecipe(recipe: Recipe | null, options?: LoadOptions): Promise<{ size: RegimeSize; sessionsCreated: number }>;
  /** The variant of a recipe, built where it is not loaded. */
  compress(recipe: Recipe, options?: LoadOptions): Promise<Variant>;
  /**
   * Makes a regime ready: weights, prompts' keys and values, and the golden gate. `repair` is needed once per repair id.
   * `generate`, `score` and `time` prepare by themselves what was evicted, so this need not be called again.
   */
  prepareRegime(
    regime: Regime,
    repair: Repair | null,
    golden: RegimeGolden | null,
    options?: LoadOptions,
  ): Promise<PreparedRegime>;
  /** Stops between tokens when the signal aborts; the text so far is in the result, with `stopReason: 'stopped'`. */
  generate(
    request: GenerateRequest,
    options?: CallOptions & { onToken?: ((token: GeneratedToken) => void) | undefined },
  ): Promise<GenerateResult>;
  /**
   * Scores items packed into rows; throws `stopped` when the signal aborts. Outcomes come in the order of the items, on demand with
   * their fidelity to the dense model.
   */
  score(regime: Regime, items: readonly ScoreItem[], options?: ScoreOptions): Promise<readonly ScoreOutcome[]>;
  /** The same answers, one run an item: the reference for packing. */
  scoreItemByItem(regime: Regime, items: readonly ScoreItem[], options?: CallOptions): Promise<readonly ScoreOutcome[]>;
  /** Which of some prompts no regime can be asked, and why. */
  checkPrompts(prompts: readonly Prompt[]): Promise<EngineCalls['checkPrompts']['output']>;
  /** Scores of a task's prompts by the rules of lm-evaluation-harness, packed into rows, in their order. */
  scoreDocuments(regime: Regime, prompts: readonly Prompt[], options?: CallOptions): Promise<readonly DocumentScores[]>;
  /** What a regime writes behind the contexts of `generate_until` prompts, in their order; throws `stopped` between two runs when the signal aborts. */
  writeAnswers(
    regime: Regime,
    prompts: readonly Prompt[],
    options: WriteOptions,
  ): Promise<EngineCalls['writeAnswers']['output']>;
  /** One run with taps; what it runs in is made when it is first asked for. */
  inspect(input: EngineCalls['inspect']['input'], options?: CallOptions): Promise<Capture>;
  /** How far regimes stand from the dense model and from the variant without recovery; throws `stopped` when the signal aborts. */
  measureDistances(
    input: EngineCalls['measureDistances']['input'],
    options?: CallOptions,
  ): Promise<EngineCalls['measureDistances']['output']>;
  /** The right answer's probability in the receiver with one part of the donor's run at a time in its place; throws `stopped` when the signal aborts. */
  patch(input: EngineCalls['patch']['input'], options?: PatchOptions): Promise<PatchMap>;
  /** What every prompt of the regime's pool says to each question; throws `stopped` between two runs when the signal aborts. */
  askPool(regime: Regime, items: PoolItems, options: AskPoolOptions): Promise<readonly PoolOutcome[]>;
  /** A linear matrix before and after the recipe, and with the regime's LoRA; throws `input-invalid` for an unknown module. */
  inspectMatrix(regime: Regime, module: string, options?: LoadOptions): Promise<MatrixReport>;
  /** One timed run: prefill (and routing), then `newTokens` greedy tokens, whatever they are. */
  time(regime: Regime, context: string, newTokens: number, options?: CallOptions): Promise<TimingResult>;
  /** Sessions made so far. */
  readonly sessionsCreated: number;
  /** Bytes of weights and caches held. */
  readonly ownedBytes: number;
  /** Frees everything; the runtime and its device stay. */
  dispose(): Promise<void>;
}
