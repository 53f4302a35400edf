import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Fidelity } from '../core/eval/fidelity.ts';
import type { Sampling } from '../core/eval/sampling.ts';
import type { ExportFormat, ExportSizes } from '../core/export/folder.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { PromptFault } from '../core/harness/requests.ts';
import type { Prompt } from '../core/harness/task.ts';
import type {
  Capture,
  MatrixReport,
  PatchMap,
  PatchTarget,
  PoolOutcome,
  RegimeDistances,
  Tap,
} from '../core/inside/capture.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { ShapeKey } from '../core/shape/shape-regimes.ts';
import type { KernelTimes } from './kernel-times.ts';

/** Messages between the main thread and the engine worker. Requests are answered in order, one at a time. */

export const PROTOCOL_VERSION = 7;

/** The builds of ONNX Runtime Web: WebGPU with or without JavaScript promise integration, and the CPU alone. */
export type RuntimeBuild = 'jspi' | 'asyncify' | 'wasm';

export type DeviceKind = 'webgpu' | 'wasm';
export type DeviceChoice = 'auto' | DeviceKind;

/** What runs the model and why; shown in the status line and copied as the device report. */
export interface DeviceReport {
  kind: DeviceKind;
  /** Why this device: a sentence for the page. */
  reason: string;
  /** The adapter as the browser names it, even when wasm was chosen over it; null without one. */
  adapter: { vendor: string; architecture: string; device: string; description: string; isSoftware: boolean } | null;
  features: readonly string[];
  limits: Readonly<Record<string, number>>;
  /** Which build of ONNX Runtime Web runs. */
  runtime: { version: string; build: RuntimeBuild };
  crossOriginIsolated: boolean;
  timerResolutionMs: number;
  userAgent: string;
}

export type LoadPhase = 'downloading' | 'compiling' | 'checking' | 'ready';

export interface LoadProgress {
  phase: LoadPhase;
  /** Bytes of the manifest's sum; both 0 where a phase has none. */
  loadedBytes: number;
  totalBytes: number;
  /** A short word on what is being done, such as a file or a graph. */
  label: string;
}

/** Sizes of a regime's model on disk and at run time; every figure is that of an encoding that exists. */
export interface RegimeSize {
  /** Bytes of the weights in the encoding that the recipe allows (dense F16, a bitmask or places plus values, packed bits with scales). */
  storedBytes: number;
  /** Bytes of the buffers that the run binds. */
  runtimeBytes: number;
  /** Share of zeros in the seven linear matrices of every layer, after merging where a LoRA is merged. */
  sparsity: number;
  /** Stored bits per weight of the linear matrices, scales and masks included. */
  bitsPerWeight: number;
  /** Parameters added by the repair and kept apart at run time (0 once merged). */
  extraParameters: number;
  /** Parameters the repair was trained with, merged or not. */
  repairParameters: number;
}

/** The golden gate: a regime's logits on this device against PyTorch's. */
export interface GateResult {
  status: 'passed' | 'failed' | 'no-golden';
  maxDifference: number;
  tolerance: number;
  /** Contexts whose greedy token agrees, or whose top two are too close to tell. */
  agreeing: number;
  contexts: number;
}

export interface PreparedRegime {
  regimeId: string;
  size: RegimeSize;
  gate: GateResult;
  /** Sessions that had to be created for this regime (0 once its recipe is loaded). */
  sessionsCreated: number;
}

/** One question to one regime. */
export interface GenerateRequest {
  regime: Regime;
  /** The context as the model sees it, begin token excluded: `Question: ...\nAnswer:` or the start of a statement. */
  context: string;
  /** Right answer, where one is known: its probability is then scored too, after the answer has streamed. */
  answer: string | null;
  maxNewTokens: number;
  sampling: Sampling;
}

export interface GeneratedToken {
  text: string;
  /** Milliseconds since the request began to run. */
  atMs: number;
}

export interface RoutingResult {
  /** Mean attention per prompt of the pool, `[numPrompts]`. */
  scores: readonly number[];
  chosen: number;
  runnerUp: number;
  /** Largest score minus the second. */
  margin: number;
}

export interface GenerateResult {
  regimeId: string;
  text: string;
  numTokens: number;
  stopReason: 'end' | 'length' | 'stopped';
  /** Routing included; null where the run was stopped before its first token. */
  ttftMs: number | null;
  routingMs: number;
  /** Decode only; null with fewer than two tokens or below the timer's resolution. */
  tokensPerSecond: number | null;
  /** Probability of the whole right answer with its end token; null where none was given or the run was stopped. */
  answerProbability: number | null;
  /** Null where no answer was given or the run was stopped. */
  isRight: boolean | null;
  routing: RoutingResult | null;
}

/** One item of an evaluation: a context and its target. */
export interface ScoreItem {
  id: string;
  context: string;
  answer: string;
}

export interface ScoreOutcome {
  id: string;
  /** The greedy answer is exactly the target (teacher-forced). */
  isRight: boolean;
  /** Sum of log-probabilities of the target's tokens, natural logarithm. */
  logLikelihood: number;
  /** Prompt chosen, where the regime routes. */
  chosenPrompt: number | null;
  /** Against the dense model without help, over the target's tokens; null where it was not asked for. */
  fidelity: Fidelity | null;
}

/** One timed run: prefill, then greedy tokens, whatever they are. */
export interface TimedRun {
  /** Routing included. */
  ttftMs: number;
  routingMs: number;
  /** Mean of the decode steps. */
  perTokenMs: number;
  /** What a fixed loop took just before the run, which tells a processor that was slowed down. */
  fixedLoopMs: number;
}

/** The same of a regime of the pack. */
export interface TimingResult extends TimedRun {
  regimeId: string;
  /** Of the question alone, without begin token or help. */
  contextTokens: number;
}

/** What each request takes, streams and returns. */
export interface EngineCalls {
  start: { input: { choice: DeviceChoice }; event: LoadProgress; output: DeviceReport };
  loadPack: {
    input: { baseUrl: string; manifest: PackManifest };
    event: LoadProgress;
    /** `cacheNotice` says why the pack could not be kept for the next visit; null where it was. */
    output: { sizeBytes: number; cacheNotice: string | null };
  };
  /** Builds the variant aside and makes every session that its regimes need. */
  loadRecipe: {
    input: { recipe: Recipe | null };
    event: LoadProgress;
    output: { size: RegimeSize; sessionsCreated: number };
  };
  prepareRegime: { input: { regime: Regime }; event: LoadProgress; output: PreparedRegime };
  generate: { input: GenerateRequest; event: GeneratedToken; output: GenerateResult };
  score: {
    /** `withFidelity` runs the dense model too, on items that it has not answered yet. */
    input: { regime: Regime; items: readonly ScoreItem[]; withFidelity?: boolean };
    event: never;
    output: readonly ScoreOutcome[];
  };
  /** Which of some prompts no regime can be asked, by their index, and why. */
  checkPrompts: {
    input: { prompts: readonly Prompt[] };
    event: never;
    output: readonly { index: number; fault: PromptFault }[];
  };
  /** A task's prompts by the rules of lm-evaluation-harness, in their order. */
  scoreDocuments: {
    input: { regime: Regime; prompts: readonly Prompt[] };
    event: never;
    output: readonly DocumentScores[];
  };
  /** What a regime writes behind the contexts of `generate_until` prompts, in their order, greedily up to the end token. */
  writeAnswers: {
    input: { regime: Regime; prompts: readonly Prompt[]; maxNewTokens: number };
    event: { done: number; total: number };
    output: readonly { text: string; hasEnded: boolean }[];
  };
  /** One run with taps; nothing is captured but by these calls. */
  inspect: {
    input: { regime: Regime; context: string; answer: string | null; taps: readonly Tap[] };
    event: never;
    output: Capture;
  };
  /** How far regimes stand from the dense model and from the variant without recovery, question by question, in the order of `regimes`. */
  measureDistances: {
    input: { regimes: readonly Regime[]; dense: Regime; compressed: Regime; items: readonly ScoreItem[] };
    event: never;
    output: readonly { id: string; regimes: readonly RegimeDistances[] }[];
  };
  /** The right answer's probability in the receiver with one part of the donor's run at a time in its place. */
  patch: {
    input: { donor: Regime; receiver: Regime; context: string; answer: string; of: PatchTarget };
    event: { done: number; total: number };
    output: PatchMap;
  };
  /** What every prompt of the regime's pool says to each question; refused with `input-invalid` for a regime without a pool. An item's answer may be null. */
  askPool: {
    input: {
      regime: Regime;
      items: readonly { id: string; context: string; answer: string | null }[];
      maxNewTokens: number;
    };
    event: { done: number; total: number };
    output: readonly PoolOutcome[];
  };
  /** A linear matrix of the regime's variant; with a LoRA where the regime has one. */
  inspectMatrix: { input: { regime: Regime; module: string }; event: never; output: MatrixReport };
  time: { input: { regime: Regime; context: string; newTokens: number }; event: never; output: TimingResult };
  /** Random weights in the sizes of a model, in the place of those loaded before; `limit-exceeded` comes before anything is made. */
  loadShape: { input: { config: ModelConfig }; event: LoadProgress; output: { sizeBytes: number } };
  timeShape: { input: { key: ShapeKey }; event: never; output: TimedRun };
  /** So many runs in a session that is profiled; refused with `limit-exceeded` where the device has no timestamp queries. */
  profileShape: { input: { key: ShapeKey; runs: number }; event: never; output: KernelTimes };
  releaseShape: { input: Record<string, never>; event: never; output: { ownedBytes: number } };
  /** Bytes of a recipe's variant as a folder of every format, known before a file is made, or why the format cannot hold it. */
  measureExports: {
    input: { recipe: Recipe };
    event: LoadProgress;
    output: { sizes: ExportSizes };
  };
  /** That folder as a .zip of stored files below `name/`. */
  exportModel: {
    input: { recipe: Recipe; format: ExportFormat; name: string };
    event: LoadProgress;
    output: { zip: Blob };
  };
}

export type CallName = keyof EngineCalls;

export type RequestMessage = {
  [K in CallName]: { type: 'request'; id: number; call: K; input: EngineCalls[K]['input'] };
}[CallName];

export type ToWorker = { type: 'hello'; version: number } | { type: 'cancel'; id: number } | RequestMessage;

export type FromWorker =
  | { type: 'ready'; version: number }
  | { type: 'event'; id: number; event: unknown }
  /** A step of the call has ended, such as one run of the model; sent about once a second while steps go by. */
  | { type: 'alive'; id: number }
  | { type: 'result'; id: number; output: unknown }
  | { type: 'error'; id: number; error: WireError }
  /** The device was lost outside any request; the worker must be replaced. */
  | { type: 'lost'; error: WireError };
