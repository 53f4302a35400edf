import type { CellFamily } from '../../state/sweep-state.ts';
import { toCountText, toIntervalText } from '../../ui/captions.ts';
import { toOutcomeText } from '../../ui/comparison-words.ts';
import { formatBrackets, formatCount, formatP, formatPoints } from '../../ui/format.ts';
import { toCounted, toDecidedCount, toTestTexts } from './paired-words.ts';

/** Headings of `toCellTexts`. */
export const CELL_HEADINGS = ['Accuracy minus dense', '95\u00a0% interval of that', 'p after Holm', 'Result'] as const;

/** The test of the cell at a place as a table has it; empty before it is there. */
export function toCellTexts(family: CellFamily | null, place: number): readonly string[] {
  return toTestTexts(family?.comparisons[place] ?? null, family);
}

/** What a readout says of the test of the cell at a place; null before it is there. */
export function toCellDetail(family: CellFamily | null, place: number): string | null {
  const comparison = family?.comparisons[place] ?? null;
  if (family === null || comparison === null) return null;
  const { difference, adjustedP, isDecided } = comparison;
  const outcome = isDecided ? 'decided' : toOutcomeText(comparison, family);
  return `accuracy ${formatPoints(difference.value)} against dense ${formatBrackets(difference)}, p after Holm ${formatP(adjustedP)}, ${outcome}`;
}

/** How the cells were tested, and how many are decided, as a caption says it; empty before it is there. */
export function toCellsText(family: CellFamily | null): string {
  const own = (family?.comparisons ?? []).filter((comparison) => comparison !== null);
  if (family === null || own.length === 0) return '';
  const differences = own.map(toCounted);
  return (
    `Differences are paired: a cell’s accuracy minus the dense model’s on the same ${toCountText(differences, 'items')}; ` +
    `${toIntervalText(differences)}, subjects drawn with both answers. p by McNemar’s exact test over subjects, two-sided, after Holm over the ` +
    `${formatCount(family.size)} cells of the map. Decided: p after Holm below 0.05, and not before the ${formatCount(family.presetItems)} items that ` +
    `were set when the run began; it is so in ${toDecidedCount(own)}. KL divergence is from the dense model already and has no test of its own. `
  );
}
