import type { Recipe } from '../core/compress/recipe.ts';
import type { TimeComparison } from '../core/eval/compare-times.ts';
import type { IntervalMethod } from '../core/eval/outcomes.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { DeviceKind, RegimeSize } from '../engine/protocol.ts';
import type { DiscardedRound } from './timings.ts';

export type {
  DeviceKind,
  DeviceReport,
  GateResult,
  LoadProgress,
  RegimeSize,
  RoutingResult,
} from '../engine/protocol.ts';

/** A value with its 95 % interval. `n` counts items (accuracy) or timed runs (latency). Shares or milliseconds, never percent. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
  n: number;
  /** How an interval over subjects was made, and over how many; results that were recorded earlier do not say. */
  method?: IntervalMethod;
  subjects?: number;
}

/** The median of timed runs; without an interval, null at both ends, while the runs are too few for one. */
export interface Median {
  value: number;
  low: number | null;
  high: number | null;
  n: number;
}

/** Medians of timed runs in milliseconds, the phases of a run apart. */
export interface Latency {
  /** To the first token: routing and prefill. */
  ttftMs: Median;
  /** Null in a recording that did not keep it apart. */
  prefillMs: Median | null;
  /** Null where nothing is routed. */
  routingMs: Median | null;
  /** Of the decode steps; 0 where all of them together were below the timer's resolution. */
  perTokenMs: Median | null;
  /** Smallest step of the clock that measured; null in recordings that do not say. */
  timerResolutionMs: number | null;
  /** Regimes with the same start were timed in turns; null where it is not known. */
  startedAt: string | null;
  /** Length of the question of every run, begin token and help apart; null where it was not kept. */
  contextTokens: number | null;
  /** Tokens that every run decoded behind it, the first one included. */
  newTokens: number;
  /** Rounds that do not count, and why. */
  discarded: readonly DiscardedRound[];
}

export interface RegimeAccuracy {
  /** Filled for regimes without a repair only; the two below for the others only. */
  all: Estimate | null;
  seen: Estimate | null;
  heldOut: Estimate | null;
  /** Subjects that pretraining never saw: what guessing gives. Null until asked for. */
  control: Estimate | null;
}

export interface RegimeRow {
  key: RegimeKey;
  /** Its repair was trained for another recipe than the one it meets here. */
  isTransferred: boolean;
  /** Only one of the repair's two twins is there, so that seen and held-out are of one fold each. */
  isOneTwin: boolean;
  accuracy: RegimeAccuracy;
  /** Recovered share on held-out facts; null for dense and compressed, and while the damage's own interval touches 0. */
  recovered: Estimate | null;
  latency: Latency | null;
  size: RegimeSize | null;
}

export interface ResultSource {
  kind: 'recorded' | 'live' | 'imported';
  device: string;
  deviceKind: DeviceKind;
  isSoftware: boolean;
  /** ISO 8601. */
  date: string;
  /** What was imported. */
  fileName?: string;
  /** What was imported was made by another version of the engine. */
  isOtherEngine?: boolean;
}

/** What one chart draws: recorded, live or imported, never two of them. */
export interface ResultSet {
  source: ResultSource;
  recipe: Recipe;
  recipeLabel: string;
  /** acc(dense) - acc(compressed) on the same items, paired. */
  damage: Estimate | null;
  rows: readonly RegimeRow[];
  /** Of regimes that were timed in turns, paired by round; null in a recording that kept medians alone. */
  timeComparisons: readonly TimeComparison[] | null;
}

/** `recorded/<id>.json` of a pack: one per shipped recipe. */
export interface RecordedResults extends ResultSet {
  version: 1;
  recipeId: string;
}
