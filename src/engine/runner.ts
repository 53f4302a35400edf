import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { Regime } from '../core/recover/regime.ts';
import type {
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
import type { RepairTensors } from './repair-tensors.ts';

/** Text to token ids and back; `decode` leaves special tokens out. */
export interface TextTokenizer {
  encode(text: string): readonly number[];
  decode(ids: readonly number[]): string;
}

/** PyTorch's answers for one regime, in float32. */
export interface RegimeGolden {
  /** Token ids of each context, begin token included. */
  contexts: readonly (readonly number[])[];
  /** Last-position logits `[contexts, vocabSize]`; per prompt of the pool where the regime routes. */
  logits: readonly Float32Array[];
  /** Routing scores `[contexts, numPrompts]`; null where nothing is routed. */
  scores: Float32Array | null;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface LoadOptions extends CallOptions {
  onProgress?: (progress: LoadProgress) => void;
}

/** What a runner may use; every field has a default. */
export interface RunnerLimits {
  /** Slots of a KV cache: help, context and new tokens together. */
  cacheLength: number;
  /** Bytes of prepared weights kept for regimes that are not in use. */
  weightBudgetBytes: number;
  /** Tokens of a packed scoring row. */
  rowLength: number;
}

/**
 * Runs one checkpoint in all its regimes on one runtime. Made by `createRunner(runtime)`.
 *
 * Calls are queued: one runs at a time. All throw `AppError`; a failed load leaves what was loaded before in place.
 */
export interface Runner {
  /** Replaces the checkpoint; drops all recipes, repairs and regimes of the one before. */
  loadCheckpoint(checkpoint: Checkpoint, tokenizer: TextTokenizer): Promise<void>;
  /** Builds the variant aside and makes every session that its regimes need; `null` is the dense checkpoint. */
  loadRecipe(recipe: Recipe | null, options?: LoadOptions): Promise<{ size: RegimeSize; sessionsCreated: number }>;
  /**
   * Makes a regime ready: weights, prompts' keys and values, and the golden gate. `repair` is needed once per repair id.
   * `generate`, `score` and `time` prepare by themselves what was evicted, so this need not be called again.
   */
  prepareRegime(
    regime: Regime,
    repair: RepairTensors | null,
    golden: RegimeGolden | null,
    options?: LoadOptions & { isTransferred?: boolean },
  ): Promise<PreparedRegime>;
  /** Stops between tokens when the signal aborts; the text so far is in the result, with `stopReason: 'stopped'`. */
  generate(
    request: GenerateRequest,
    options?: CallOptions & { onToken?: (token: GeneratedToken) => void },
  ): Promise<GenerateResult>;
  /** Scores items packed into rows; throws `stopped` when the signal aborts. Outcomes come in the order of the items. */
  score(regime: Regime, items: readonly ScoreItem[], options?: CallOptions): Promise<readonly ScoreOutcome[]>;
  /** The same answers, one run an item: the reference for packing. */
  scoreItemByItem(regime: Regime, items: readonly ScoreItem[], options?: CallOptions): Promise<readonly ScoreOutcome[]>;
  /** One timed run: prefill (and routing), then `newTokens` greedy tokens, whatever they are. */
  time(regime: Regime, context: string, newTokens: number, options?: CallOptions): Promise<TimingResult>;
  tokenize(text: string): readonly number[];
  /** Sessions made so far. */
  readonly sessionsCreated: number;
  /** Bytes of weights and caches held. */
  readonly ownedBytes: number;
  /** Frees everything; the runtime and its device stay. */
  dispose(): Promise<void>;
}
