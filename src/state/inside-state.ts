import type { WireError } from '../core/errors.ts';
import type { Estimate } from '../core/eval/statistics.ts';
import type {
  Capture,
  DistanceQuantity,
  MatrixReport,
  PatchMap,
  PatchTarget,
  PoolOutcome,
} from '../core/inside/capture.ts';
import type { PoolFigures } from '../core/inside/pool-study.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { Run } from './evaluate-state.ts';
import type { ResultSource } from './results.ts';

/** The views of what goes on inside, in the order of the page. */
export const INSIDE_VIEWS = ['attention', 'distance', 'lens', 'routing', 'weights', 'patching'] as const;
export type InsideView = (typeof INSIDE_VIEWS)[number];

export const DISTANCE_MEASURES = ['cosine', 'relativeError'] as const;
export type DistanceMeasure = (typeof DISTANCE_MEASURES)[number];

/** The pools of a recipe: trained to be routed, and trained apart. */
export const POOL_KEYS = ['idp', 'idp-apart'] as const;
export type PoolKey = (typeof POOL_KEYS)[number];

/** What the figure of the logit lens can show, and that of patching. */
export const LENS_MEASURES = ['whole', 'first', 'rank'] as const;
export type LensMeasure = (typeof LENS_MEASURES)[number];
export const PATCH_MEASURES = ['probability', 'share'] as const;
export type PatchMeasure = (typeof PATCH_MEASURES)[number];

/** How tall a histogram's bins are drawn, and at which stage of a recipe a matrix's zeros are shown. */
export const HISTOGRAM_HEIGHTS = ['count', 'log'] as const;
export type HistogramHeights = (typeof HISTOGRAM_HEIGHTS)[number];
export const MATRIX_STAGES = ['before', 'after', 'merged'] as const;
export type MatrixStageId = (typeof MATRIX_STAGES)[number];

/** The part of a matrix that is in sight: how often it was zoomed in, and the weight in its middle. */
export interface PatternView {
  zoom: number;
  middle: { row: number; column: number };
}

/** What a person looks at; a reload and a link give it back. */
export interface InsideChoice {
  view: InsideView;
  /** The two regimes whose attention stands side by side. */
  left: RegimeKey;
  right: RegimeKey;
  /** From 0; shown as 1. */
  layer: number;
  /** From 0; null for the mean over heads. */
  head: number | null;
  quantity: DistanceQuantity;
  measure: DistanceMeasure;
  /** Questions that distances, and the study of a pool, are averaged over. */
  items: number;
  lensMeasure: LensMeasure;
  pool: PoolKey;
  /** A linear matrix, such as `model.layers.0.mlp.up_proj`. */
  module: string;
  /** The regime whose matrix is shown. */
  matrixOf: RegimeKey;
  heights: HistogramHeights;
  /** As trained, compressed, or with what a LoRA adds; without a LoRA the last is the one before it. */
  matrixStage: MatrixStageId;
  patternView: PatternView;
  donor: RegimeKey;
  receiver: RegimeKey;
  patched: PatchTarget;
  patchMeasure: PatchMeasure;
}

/** The question that was looked into. */
export interface InsideQuestion {
  /** As it was typed. */
  text: string;
  context: string;
  /** Null for text outside the world. */
  answer: string | null;
}

export type Looked<T> =
  | { status: 'none' }
  | { status: 'running'; done: number; total: number }
  | { status: 'ready'; of: T }
  | { status: 'failed'; error: WireError };

/** What was looked at of a regime, at hand whatever view is open. */
export interface KeptLook<T> {
  key: RegimeKey;
  of: T;
}

/** What a look inside waits for: something typed, the model, a variant that is being built, or the run that has the engine. */
export type InsideWait = 'question' | 'model' | 'variant' | 'run';

/** Captures of the board's question, and what is looked at. */
export interface InsideState {
  /** What is shown: what was chosen as far as the pack and the recipe can meet it, else the nearest to it. */
  choice: InsideChoice;
  /** What was chosen, word for word; where it differs from `choice`, a view says so. */
  wanted: InsideChoice;
  choose(change: Partial<InsideChoice>): void;
  /** Null before anything is typed. */
  question: InsideQuestion | null;
  /** Those that the open view needs, of the question, recipe and device of now. */
  captures: ReadonlyMap<RegimeKey, Looked<Capture>>;
  /** Why nothing is captured now. */
  waitsFor: InsideWait | null;
  /** Regimes that the recipe and the pack offer, in the order of every board. */
  offered: readonly RegimeKey[];
  /** Those of them whose repair was trained for another recipe. */
  transferred: readonly RegimeKey[];
  /** Those of them whose repair was trained on the fact that is asked for. */
  seen: readonly RegimeKey[];
  /** Captures begin and go on while anybody watches; returns the way to end that. */
  watch(): () => void;
  /** Every capture at hand of the question, recipe and device of now, of all views. */
  kept(): readonly KeptLook<Capture>[];
}

/** Distances of a set of questions, by regime. */
export interface DistanceResults {
  source: ResultSource;
  /** Questions of the regime that was asked most. */
  n: number;
  regimes: readonly {
    key: RegimeKey;
    /** Questions that it was asked: fewer where a repair has one twin. */
    n: number;
    toDense: readonly DistanceEstimates[]; // [numLayers]
    toCompressed: readonly DistanceEstimates[]; // [numLayers]
    /** Against the variant without recovery; null for that itself, and where it was not asked. */
    minusCompressed: PairedDistances | null;
  }[];
}

/** A regime's distance to dense minus that of the variant without recovery, on the same questions. */
export interface PairedDistances {
  n: number;
  subjects: number;
  layers: readonly DistanceEstimates[]; // [numLayers]
  /** The number of questions that was set when the run began is not reached, so nothing is decided. */
  isEarly: boolean;
}

/** Means over questions with intervals over subjects; null where nothing could be compared. */
export type DistanceEstimates = Readonly<Record<DistanceQuantity, Readonly<Record<DistanceMeasure, Estimate>> | null>>;

export interface DistanceState {
  run: Run;
  results: DistanceResults | null;
  start(): void;
  stop(): void;
}

/** What a pool does over a set of questions. */
export interface PoolStudy extends PoolFigures {
  source: ResultSource;
  pool: PoolKey;
  /** Questions that the tests wait for, set when the run began. */
  presetItems: number;
  /** Questions that the pool's twins can be asked, held out. */
  availableItems: number;
}

export interface RoutingState {
  /** Both pools' answers to the question in view, asked on demand. */
  asked: ReadonlyMap<PoolKey, Looked<PoolOutcome>>;
  ask(): void;
  /** Ends what `ask` began; what a pool has answered stays. */
  stopAsking(): void;
  run: Run;
  study: PoolStudy | null;
  startStudy(): void;
  stop(): void;
}

export interface MatrixState {
  matrix: Looked<MatrixReport>;
  /** Matrices are read while anybody watches. */
  watch(): () => void;
  /** Every matrix at hand of the recipe and device of now. */
  kept(): readonly KeptLook<MatrixReport>[];
}

/** A map with the two regimes that it is of. */
export interface KeptPatch {
  donor: RegimeKey;
  receiver: RegimeKey;
  of: PatchMap;
}

export interface PatchState {
  patch: Looked<PatchMap>;
  /** The last run of what is chosen was stopped, so there is no map of it. */
  wasStopped: boolean;
  start(): void;
  stop(): void;
  /** Every map at hand of the question, recipe and device of now. */
  kept(): readonly KeptPatch[];
}
