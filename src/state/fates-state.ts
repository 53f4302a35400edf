import type { Recipe } from '../core/compress/recipe.ts';
import type { WireError } from '../core/errors.ts';
import type { Fact } from '../core/eval/fact.ts';
import type { DamagedReport, FateReport, PairedDifference, TwinAnswers } from '../core/eval/fates.ts';
import type { ShareEstimate, SubjectEstimate } from '../core/eval/outcomes.ts';
import type { Evidence, Verdict } from '../core/eval/verdict.ts';
import type { Run } from './evaluate-state.ts';
import type { OutcomeSet } from './outcome-set.ts';
import type { TrainedKey } from './regimes.ts';
import type { ResultSource } from './results.ts';

/** What one type of repair did to the facts of a recipe, and what it is held against. */
export interface FateFinding extends Evidence {
  key: TrainedKey;
  aboveShuffled: PairedDifference | null;
  /** Its repairs were trained for another recipe. */
  isTransferred: boolean;
  /** The repair with shuffled answers that it is held against; null where none is there. */
  shuffled: { key: TrainedKey; report: FateReport } | null;
  /** Null until every fact was asked, of the repair and of what it is held against. */
  verdict: Verdict | null;
}

/** The fates of the facts of a recipe under every type of repair. */
export interface FateFindings {
  set: OutcomeSet;
  /** Facts whose forms were all asked, of so many. */
  asked: { facts: number; of: number };
  /** In the order of the board; more come while they are computed. */
  findings: readonly FateFinding[];
  isComputing: boolean;
}

export type FindingsPhase =
  | { status: 'loading' }
  /** Nothing was recorded for the recipe in view, or nothing measured. */
  | { status: 'none' }
  | { status: 'ready'; of: FateFindings }
  | { status: 'failed'; error: WireError };

/** What becomes of lost facts under one type of repair. */
export interface DoseShares extends DamagedReport {
  key: TrainedKey;
  /** Displaced under the repair with shuffled answers. */
  shuffled: ShareEstimate | null;
  control: ShareEstimate | null;
}

/** A shipped recipe with recorded outcomes. */
export interface DosePoint {
  recipeId: string;
  label: string;
  recipe: Recipe;
  source: ResultSource;
  /** acc(dense) - acc(compressed) on the questions of both folds. */
  damage: SubjectEstimate | null;
  shares: readonly DoseShares[];
}

export type DosePhase =
  | { status: 'idle' }
  | { status: 'computing'; points: readonly DosePoint[]; of: number }
  | { status: 'ready'; points: readonly DosePoint[] }
  | { status: 'failed'; error: WireError };

/** The four regimes that decide the fate of a fact. */
export type FactRole = keyof TwinAnswers<unknown>;

/** What a regime says to a fact, asked on this device. */
export type FactAnswer =
  | { status: 'asking' }
  | { status: 'done'; text: string; isRight: boolean | null; probability: number | null }
  | { status: 'failed'; error: WireError };

/** Answers to the fact that is looked at, as they come. */
export interface FactAnswers {
  factId: string;
  key: TrainedKey;
  answers: ReadonlyMap<FactRole, FactAnswer>;
}

export interface FatesState {
  /** The type of repair that the fact map is coloured by. */
  key: TrainedKey;
  setKey(key: TrainedKey): void;
  /** Which of the two below is shown where both are there. */
  source: 'recorded' | 'live';
  setSource(source: 'recorded' | 'live'): void;
  recorded: FindingsPhase;
  live: FindingsPhase;
  run: Run;
  dose: DosePhase;
  /** Reads and computes what was recorded for the recipe in view, from now on for every recipe that comes into view. */
  load(): void;
  /** Computes the same of every shipped recipe, once. */
  loadDose(): Promise<void>;
  /** Asks every question that is missing of the recipe in view, in every regime that fates are told by. */
  start(): void;
  /** Ends the run; what is finished is kept, and `start` goes on from there. */
  pause(): void;
  stop(): void;
  /** Answers to the fact looked at last, where the model runs and nothing else does; null otherwise. */
  answers: FactAnswers | null;
  /** Asks a fact once somebody has looked at it for a moment; null for none. */
  look(fact: Fact | null): void;
}
