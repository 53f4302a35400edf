import type { TimePhase } from '../core/eval/compare-times.ts';
import { formatPercent, formatPoints } from './format.ts';

/** What comparisons are of, and how they are said. */
export interface ComparedMeasure {
  /** Such as `accuracy`; what axes and captions call it. */
  name: string;
  /** What it is counted in. */
  unit: 'items' | 'questions' | 'documents' | 'rounds';
  /** What held-out and seen are said of; null where both twins of a repair are alike. */
  twinsDiffer: 'facts' | 'documents' | null;
  isLowerBetter: boolean;
  /** Whether a difference is a share of what the second has, or one of shares themselves, in points. */
  isRelative: boolean;
  /** How the first is held against the second, as a caption begins. */
  meaning: string;
  /** How intervals were drawn. */
  drawn: string;
  /** By which test p is. */
  test: string;
  /** Where the number comes from before which nothing is decided. */
  preset: string;
}

const SET_BEFORE = 'that were set when the run began';

/** A share of right answers. */
export function toShareMeasure(name: string, unit: 'items' | 'documents'): ComparedMeasure {
  return {
    name,
    unit,
    twinsDiffer: unit === 'items' ? 'facts' : 'documents',
    isLowerBetter: false,
    isRelative: false,
    meaning: `${name} of the first minus that of the second`,
    drawn: 'subjects drawn with both answers',
    test: 'McNemar’s exact test over subjects',
    preset: SET_BEFORE,
  };
}

/** A perplexity, or bits per byte. */
export function toPerplexityMeasure(name: string): ComparedMeasure {
  return {
    name,
    unit: 'documents',
    twinsDiffer: 'documents',
    isLowerBetter: true,
    isRelative: true,
    meaning: `${name} of the first over that of the second, minus 1`,
    drawn: 'subjects drawn with both answers',
    test: 'a sign-flip test of log-likelihoods over subjects',
    preset: SET_BEFORE,
  };
}

/** A time of timed runs; `title` is its name where a sentence begins. */
function toTimeMeasure(name: string, title: string): ComparedMeasure {
  return {
    name,
    unit: 'rounds',
    twinsDiffer: null,
    isLowerBetter: true,
    isRelative: true,
    meaning: `${title} of the first over that of the second, minus 1, its median over rounds`,
    drawn: 'rounds drawn with both times',
    test: 'the exact sign test over rounds',
    preset: 'that an interval needs',
  };
}

export const ACCURACY: ComparedMeasure = {
  ...toShareMeasure('accuracy', 'items'),
  meaning: 'Accuracy of the first minus that of the second',
};

export const TIME_MEASURES: Readonly<Record<TimePhase, ComparedMeasure>> = {
  ttftMs: toTimeMeasure('time to first token', 'Time to first token'),
  perTokenMs: toTimeMeasure('time per further token', 'Time per further token'),
};

/** A difference with its sign and unit. */
export function formatDifference({ isRelative }: ComparedMeasure, difference: number): string {
  return isRelative ? formatPercent(difference) : formatPoints(difference);
}
