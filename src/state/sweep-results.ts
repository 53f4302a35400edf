import type { Fidelity } from '../core/eval/fidelity.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { type Answers, createEstimates, type Precision, RESAMPLES, toEstimate } from './estimates.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import { NOT_ASKED } from './outcome-set.ts';
import { isRepaired } from './regimes.ts';
import type { ResultBook } from './result-book.ts';
import type { Estimate } from './results.ts';
import { countItems, type Measurement, type PlannedCell, type PlannedPoint } from './sweep-plan.ts';
import type { SensitivityCell, SweepPoint } from './sweep-state.ts';

/** What the answers to one measurement come to. */
export type Figures = Pick<SweepPoint, 'accuracy' | 'perplexity' | 'klDivergence' | 'sameTop'>;

/** Figures with the answers that they are of. */
type AnsweredFigures = Figures & Pick<SweepPoint, 'right'>;

const NO_FIGURES: Figures = { accuracy: null, perplexity: null, klDivergence: null, sameTop: null };

type Answer = Answers & { itemId: string; fidelity: Fidelity };

export interface SweepFigures {
  /** Null while nothing of it is measured. */
  toPoint(
    planned: PlannedPoint,
    items: readonly PlannedItem[],
    book: ResultBook,
    isRunning: boolean,
  ): Promise<SweepPoint | null>;
  toCell(
    planned: PlannedCell,
    items: readonly PlannedItem[],
    book: ResultBook,
    isRunning: boolean,
  ): Promise<SensitivityCell>;
}

/** Measurements as charts draw them; figures whose answers did not change are not computed again. */
export function createSweepFigures(statistics: Statistics): SweepFigures {
  const estimates = createEstimates(statistics);
  const known = new WeakMap<
    ResultBook,
    Map<string, { size: number; precision: Precision; figures: AnsweredFigures }>
  >();

  /** Intervals of what is being measured are rough, so that they cost little while they grow. */
  async function toFigures(
    measurement: Measurement,
    items: readonly PlannedItem[],
    book: ResultBook,
    isRunning: boolean,
  ): Promise<AnsweredFigures | null> {
    const answers = collectAnswers(measurement, book);
    if (answers.length === 0) return null;
    const precision = isRunning && answers.length < countItems(measurement) ? 'live' : 'final';
    const cache = known.get(book) ?? new Map();
    known.set(book, cache);
    const name = measurement.units.map(({ regime, items }) => `${regime.id} ${items.length}`).join('\n');
    const kept = cache.get(name);
    if (kept?.size === answers.length && (kept.precision === 'final' || precision === 'live')) return kept.figures;
    const sorted = sortAnswers(answers);
    const right = toRight(answers, items);
    const [accuracy, fidelity] = await Promise.all([
      estimates.toAccuracy(sorted, precision),
      toFidelity(measurement, sorted, precision),
    ]);
    const figures = { accuracy, ...fidelity, right };
    cache.set(name, { size: answers.length, precision, figures });
    return figures;
  }

  async function toFidelity(
    { recipe }: Measurement,
    answers: readonly Answer[],
    precision: Precision,
  ): Promise<Omit<Figures, 'accuracy'>> {
    const fidelity = await statistics.compute('estimateFidelity', answers, { resamples: RESAMPLES[precision] });
    if (fidelity === null) return NO_FIGURES;
    const perplexity = toEstimate(fidelity.perplexity);
    // The dense model is what the others are compared with: no chance is left in its divergence from itself.
    const n = answers.length;
    if (recipe === null) return { perplexity, klDivergence: exactly(0, n), sameTop: exactly(1, n) };
    return { perplexity, klDivergence: toEstimate(fidelity.klDivergence), sameTop: toEstimate(fidelity.sameTop) };
  }

  return {
    toPoint: async (planned, items, book, isRunning) => {
      const figures = await toFigures(planned, items, book, isRunning);
      const sizes = planned.units.flatMap(({ regime }) => book.sizes.get(regime.id) ?? []);
      if (figures === null || sizes[0] === undefined) return null;
      const { recipe, method, level, regime, label, transferredFrom, units } = planned;
      const { storedBytes } = sizes[0];
      const isOneTwin = isRepaired(regime) && units.length === 1;
      return { recipe, method, level, regime, label, transferredFrom, storedBytes, ...figures, isOneTwin };
    },
    toCell: async (planned, items, book, isRunning) => {
      const { layer, matrix } = planned;
      const figures = await toFigures(planned, items, book, isRunning);
      const { accuracy, klDivergence, right } = figures ?? { ...NO_FIGURES, right: toRight([], items) };
      return { layer, matrix, accuracy, klDivergence, right };
    },
  };
}

function collectAnswers({ units }: Measurement, book: ResultBook): Answer[] {
  return units.flatMap(({ regime, items }) => {
    const outcomes = book.outcomes.get(regime.id);
    return items.flatMap(({ id, fact }): Answer[] => {
      const outcome = outcomes?.get(id);
      if (outcome?.fidelity === undefined) return [];
      return [{ itemId: id, subject: fact.subject, right: [outcome.isRight], fidelity: outcome.fidelity }];
    });
  });
}

/** Answers in the order of the plan. */
function toRight(answers: readonly Answer[], items: readonly PlannedItem[]): Uint8Array {
  const rightOf = new Map(answers.map(({ itemId, right }) => [itemId, Number(right[0])]));
  return Uint8Array.from(items, ({ id }) => rightOf.get(id) ?? NOT_ASKED);
}

/** In the order of item ids: subjects are drawn by their place, which must not hang on the order of a run. */
function sortAnswers(answers: readonly Answer[]): Answer[] {
  return [...answers].sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
}

function exactly(value: number, n: number): Estimate {
  return { value, low: value, high: value, n };
}
