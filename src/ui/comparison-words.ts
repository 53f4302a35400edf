import type { Comparison, OtherRun, PairedTest, Side } from '../core/eval/comparisons.ts';
import { ACCURACY, type ComparedMeasure } from './comparison-measure.ts';
import { formatCount } from './format.ts';
import { toRegimeLook } from './regime-look.ts';

/** Another run than the one at hand, as labels say it. */
const OTHER_RUNS: Readonly<Record<OtherRun, string>> = { live: 'measured here', recorded: 'recorded' };

/** One side of a comparison, such as `IDP`, `IDP, seen` or `IDP, measured here`. */
export function toSideLabel({ key, exposure, run }: Side): string {
  const isSeen = exposure === 'seen' ? ', seen' : '';
  return `${toRegimeLook(key).label}${isSeen}${run === undefined ? '' : `, ${OTHER_RUNS[run]}`}`;
}

/** What is held against what, the minuend first. */
export function toPairLabel({ first, second }: Pick<Comparison, 'first' | 'second'>): string {
  if (first.run !== second.run) return `${toSideLabel(first)} against ${toSideLabel(second)}`;
  if (first.key === second.key) return `${toRegimeLook(first.key).label}: ${first.exposure} against ${second.exposure}`;
  const other = second.key === 'compressed' ? 'no repair' : toSideLabel(second);
  return `${toSideLabel(first)} against ${other}`;
}

/** Which family a comparison belongs to. */
export type ComparisonKind = 'against-none' | 'against-lora' | 'against-seen' | 'exploratory';

export function toComparisonKind({ first, second, isExploratory }: Comparison): ComparisonKind {
  if (isExploratory) return 'exploratory';
  if (first.key === second.key) return 'against-seen';
  return second.key === 'compressed' ? 'against-none' : 'against-lora';
}

interface Items {
  /** Number of items set before the run. */
  presetItems: number;
  /** How many there are to ask; null where there can be ever more. */
  availableItems: number | null;
}

/** What a comparison comes to, in words: in favour of whom, undecided and what it would take, or too early. */
export function toOutcomeText(comparison: Comparison, items: Items, measure: ComparedMeasure = ACCURACY): string {
  const { difference, first, second } = comparison;
  const { unit, twinsDiffer, isLowerBetter } = measure;
  const open = toOpenText(comparison, items, unit);
  if (open !== null) return open;
  const better = difference.value > 0 === isLowerBetter ? second : first;
  const name = first.key === second.key ? `${better.exposure} ${twinsDiffer}` : toSideLabel(better);
  const isDamage = first.key === 'dense' || second.key === 'dense';
  return `favours ${better.key === 'compressed' && !isDamage ? 'no repair' : name}`;
}

/** Why nothing is decided, and what it would take; null where it is. */
export function toOpenText(test: PairedTest, items: Items, unit: string): string | null {
  const { isExploratory, isEarly, isDecided } = test;
  if (isExploratory) return `exploratory, unadjusted: decides nothing${toNeedText(test, items, unit)}`;
  if (isEarly) {
    return `too early: ${formatCount(test.items)} of the ${formatCount(items.presetItems)} ${unit} set beforehand`;
  }
  return isDecided ? null : `undecided${toNeedText(test, items, unit)}`;
}

/** Such as `; you would need about 900 items`. */
function toNeedText({ sampleSize, difference }: PairedTest, { availableItems }: Items, unit: string): string {
  if (sampleSize === null) return difference.value === 0 ? `: no difference in these ${unit}` : '';
  if (sampleSize.needed <= sampleSize.have) return '';
  const about = toAbout(sampleSize.needed);
  const isBeyond = availableItems !== null && about > availableItems;
  const beyond = isBeyond ? `, more than the ${formatCount(availableItems)} there are` : '';
  return `; you would need about ${formatCount(about)} ${unit}${beyond}`;
}

/** Two meaningful digits, rounded up: a sample size is an estimate itself. */
function toAbout(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / unit) * unit;
}
