import type { WireError } from '../core/errors.ts';
import type { Fact } from '../core/eval/fact.ts';
import type { Sampling } from '../core/eval/sampling.ts';
import type { PackRepair } from '../core/pack/manifest.ts';
import type { Regime, RegimeKey } from '../core/recover/regime.ts';
import type { GateResult, GenerateResult, RegimeSize } from '../engine/protocol.ts';

/** The recovery that the highlighted column, the headline figures and the charts' emphasis show. */
export type HighlightedKey = 'idp' | 'lora-merged';

/** Which twin of a repair answers: the one that never saw the fact, or the one that was trained on it. */
export type Exposure = 'held-out' | 'seen';

export type Cell =
  | { status: 'empty' }
  | { status: 'waiting' }
  | { status: 'preparing' }
  | { status: 'streaming'; text: string }
  | { status: 'done'; result: GenerateResult }
  | { status: 'failed'; error: WireError; text: string };

export interface Column {
  key: RegimeKey;
  /** Null where the regime cannot be asked. */
  regime: Regime | null;
  /** Why this regime cannot be asked with this recipe; null where it can. */
  unavailable: string | null;
  repair: PackRepair | null;
  /** Trained for another recipe than the one on the page. */
  transferred: boolean;
  /**
   * Of the asked fact by this column's repair; 'outside' for control, calibration and free text, and for a development
   * fact of the repair's own fold; null without a repair.
   */
  exposure: 'seen' | 'held-out' | 'outside' | null;
  size: RegimeSize | null;
  gate: GateResult | null;
  cell: Cell;
  /** The cell answers for an earlier recipe, exposure, sampling or text prompt. */
  isStale: boolean;
}

export interface Question {
  /** What stands in the box. */
  text: string;
  /** The fact that the box asks for, word by word; null for free text. */
  fact: Fact | null;
  /** Number of the fact's form that is asked; null for free text. */
  form: number | null;
  /** Filled when `fact` is null and the box is not empty: up to 5. */
  nearest: readonly Fact[];
}

export interface BoardState {
  highlighted: HighlightedKey;
  setHighlighted(key: HighlightedKey): void;
  shown: readonly RegimeKey[];
  setShown(key: RegimeKey, isShown: boolean): void;
  exposure: Exposure;
  setExposure(exposure: Exposure): void;
  /** How every column's next token is drawn; the same seed in all. */
  sampling: Sampling;
  setSampling(sampling: Sampling): void;
  /** The `text` regime's prompt. */
  textPrompt: string;
  setTextPrompt(text: string): void;
  question: Question;
  setQuestionText(text: string): void;
  /** Writes the fact's question into the box; `form` counts the relation's questions from 0. */
  setFact(fact: Fact, form?: number): void;
  /** One per shown regime, in the order of `REGIME_KEYS`. */
  columns: readonly Column[];
  isAsking: boolean;
  /** Asks every shown column, one after the other; replaces a running one. */
  ask(): void;
  stop(): void;
}
