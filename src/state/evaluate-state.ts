import type { WireError } from '../core/errors.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { ResultSet } from './results.ts';

export type Run =
  | { status: 'idle' }
  | { status: 'running'; done: number; total: number; nowKey: RegimeKey }
  /** To be gone on with; meanwhile the engine is free. */
  | { status: 'paused'; done: number; total: number }
  | { status: 'stopped'; done: number; total: number }
  | { status: 'done'; total: number }
  | { status: 'failed'; error: WireError };

export interface EvaluateState {
  accuracyRun: Run;
  latencyRun: Run;
  /** Of the recipe on the page; keeps what is finished after Stop and across reloads. Null without any live figure. */
  live: ResultSet | null;
  /** Facts of the folds A and B, one question form each; what is scored already is not scored again. */
  runAccuracy(itemsPerRegime: number): void;
  /** The control subjects, in every shown regime. */
  runControl(): void;
  /** Of the shown regimes, or of those named: at most so many timed runs per regime; fewer (10 at least) once every interval is within 5 % of its median. */
  runLatency(runsPerRegime: number, keys?: readonly RegimeKey[]): void;
  /** Lets an accuracy run wait; `resume` goes on with what it was to score. */
  pause(): void;
  resume(): void;
  stop(): void;
}

/** Items per regime that a device scores in about a minute. */
export function defaultItems(deviceKind: 'webgpu' | 'wasm', isSoftware: boolean): number {
  return deviceKind === 'webgpu' && isSoftware ? 40 : 200;
}
