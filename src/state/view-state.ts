import type { FigureChoice } from './figure-choice.ts';

/** Which results the charts draw: ours, those of this browser, or a run that was brought. */
export const RESULT_VIEWS = ['recorded', 'live', 'imported'] as const;
export type ResultView = (typeof RESULT_VIEWS)[number];

/** What the figure of a sweep's points can show, in the order that it offers them. */
export const SWEEP_MEASURES = ['accuracy', 'perplexity', 'klDivergence', 'sameTop'] as const;
export type SweepMeasure = (typeof SWEEP_MEASURES)[number];

/** What the sensitivity map can show. */
export const CELL_MEASURES = ['klDivergence', 'accuracy'] as const;
export type CellMeasure = (typeof CELL_MEASURES)[number];

/** What of the page is in sight. */
export interface ViewState {
  /** Id of the open tab; null for the first one. */
  tab: string | null;
  setTab(tab: string): void;
  /** What is wanted; where there is none of it, the page shows what there is. */
  results: ResultView;
  setResults(results: ResultView): void;
  /** Which imported run; null for the one that came last. */
  importedId: string | null;
  showImported(id: string): void;
  sweepMeasure: SweepMeasure;
  setSweepMeasure(measure: SweepMeasure): void;
  cellMeasure: CellMeasure;
  setCellMeasure(measure: CellMeasure): void;
  figures: FigureChoice;
  setFigures(change: Partial<FigureChoice>): void;
}
