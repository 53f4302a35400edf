import type { Comparison, Side } from '../core/eval/comparisons.ts';
import { formatCount } from './format.ts';
import { toRegimeLook } from './regime-look.ts';

/** One side of a comparison, such as `IDP` or `IDP, seen`. */
export function toSideLabel({ key, exposure }: Side): string {
  return `${toRegimeLook(key).label}${exposure === 'seen' ? ', seen' : ''}`;
}

/** What is held against what, the minuend first. */
export function toPairLabel({ first, second }: Pick<Comparison, 'first' | 'second'>): string {
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
  /** How many there are to ask. */
  availableItems: number;
}

/** What a comparison comes to, in words: in favour of whom, undecided and what it would take, or too early. */
export function toOutcomeText(comparison: Comparison, items: Items): string {
  const { isExploratory, isEarly, isDecided, difference, first, second } = comparison;
  if (isExploratory) return `exploratory, unadjusted: decides nothing${toNeedText(comparison, items)}`;
  if (isEarly) {
    return `too early: ${formatCount(comparison.items)} of the ${formatCount(items.presetItems)} items set beforehand`;
  }
  if (!isDecided) return `undecided${toNeedText(comparison, items)}`;
  const better = difference.value > 0 ? first : second;
  const name = first.key === second.key ? `${better.exposure} facts` : toSideLabel(better);
  return `favours ${better.key === 'compressed' ? 'no repair' : name}`;
}

/** Such as `; you would need about 900 items`. */
function toNeedText({ sampleSize, difference }: Comparison, { availableItems }: Items): string {
  if (difference.value === 0) return ': no difference in these items';
  if (sampleSize === null || sampleSize.needed <= sampleSize.have) return '';
  const about = toAbout(sampleSize.needed);
  const beyond = about > availableItems ? `, more than the ${formatCount(availableItems)} there are` : '';
  return `; you would need about ${formatCount(about)} items${beyond}`;
}

/** Two meaningful digits, rounded up: a sample size is an estimate itself. */
function toAbout(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.ceil(count / unit) * unit;
}
