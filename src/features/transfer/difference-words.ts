import type { Comparison } from '../../core/eval/comparisons.ts';
import { ACCURACY, type ComparedMeasure } from '../../ui/comparison-measure.ts';
import { toOutcomeText } from '../../ui/comparison-words.ts';
import { formatBrackets, formatP, formatPoints } from '../../ui/format.ts';

const MEASURE: ComparedMeasure = { ...ACCURACY, unit: 'questions' };

/** `+2.1 points against no repair [1.2, 3.0], p after Holm < 0.001, decided`; `availableItems` is how many questions there are to ask. */
export function toDifferenceText(comparison: Comparison, against: string, availableItems: number): string {
  const { difference, p, adjustedP, items, isDecided, isExploratory } = comparison;
  const test = isExploratory ? `p ${formatP(p)}` : `p after Holm ${formatP(adjustedP)}`;
  const outcome = isDecided ? 'decided' : toOutcomeText(comparison, { presetItems: items, availableItems }, MEASURE);
  return `${formatPoints(difference.value)} against ${against} ${formatBrackets(difference)}, ${test}, ${outcome}`;
}
