import type { Estimate } from '../../state/results.ts';
import type { SweepPoint } from '../../state/sweep-state.ts';
import type { SweepMeasure } from '../../state/view-state.ts';
import { toLinearAxis, toLogAxis, type XyAxis } from '../../ui/charts/xy-plot.ts';
import { formatShare } from '../../ui/format.ts';

/** What a sweep says of a recipe in a regime. */
export interface Measure {
  id: SweepMeasure;
  label: string;
  /** What it is, as a caption says it. */
  meaning: string;
  /** Name in file names, unit in data files. */
  fileName: string;
  unit: string;
  read: (point: SweepPoint) => Estimate | null;
  format: (value: number) => string;
  /** The axis that holds all estimates. */
  toAxis: (estimates: readonly Estimate[]) => XyAxis;
}

export const MEASURES: readonly Measure[] = [
  {
    id: 'accuracy',
    label: 'Accuracy',
    meaning: 'Accuracy: exact match of the whole answer, on held-out facts where the regime has a repair.',
    fileName: 'accuracy-by-level',
    unit: 'share',
    read: (point) => point.accuracy,
    format: formatShare,
    toAxis: () => toShareAxis('exact match'),
  },
  {
    id: 'perplexity',
    label: 'Perplexity',
    meaning: 'Perplexity of the right answers’ tokens, on a logarithmic axis; 1 is certainty.',
    fileName: 'perplexity-by-level',
    unit: 'perplexity',
    read: (point) => point.perplexity,
    format: formatNumber,
    toAxis: (estimates) => toLogAxis('perplexity, log scale', 1, toMost(estimates, 2), formatTick),
  },
  {
    id: 'klDivergence',
    label: 'KL divergence',
    meaning:
      'KL divergence: mean over tokens of KL(dense || regime), in nats; 0 is the dense model’s own distribution.',
    fileName: 'kl-divergence-by-level',
    unit: 'nat',
    read: (point) => point.klDivergence,
    format: (value) => `${formatNumber(value)}\u00a0nat`,
    toAxis: (estimates) => toLinearAxis('KL(dense || regime), nat', 0, toMost(estimates, 0.01), formatTick),
  },
  {
    id: 'sameTop',
    label: 'Same top-1',
    meaning: 'Same top-1: share of tokens whose likeliest successor is the dense model’s.',
    fileName: 'same-top-1-by-level',
    unit: 'share',
    read: (point) => point.sameTop,
    format: formatShare,
    toAxis: () => toShareAxis('same top-1 as dense'),
  },
];

export function findMeasure(id: SweepMeasure): Measure {
  const found = MEASURES.find((measure) => measure.id === id);
  if (found === undefined) throw new Error(`There is no measure ${id}.`);
  return found;
}

export function toShareAxis(title: string): XyAxis {
  return toLinearAxis(title, 0, 1, (value) => formatShare(value, 0));
}

const THREE_DIGITS = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
const COMPACT = new Intl.NumberFormat('en-GB', { notation: 'compact' });

/** Three meaningful digits, the same for 0.00123 and 1,230. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return THREE_DIGITS.format(value);
}

function formatTick(value: number): string {
  return value >= 10_000 ? COMPACT.format(value) : formatNumber(value);
}

function toMost(estimates: readonly Estimate[], least: number): number {
  return estimates.reduce((most, { value, high }) => {
    const end = Number.isFinite(high) ? high : value;
    return Number.isFinite(end) ? Math.max(most, end) : most;
  }, least);
}
