import type { RegimeKey } from '../../core/recover/regime.ts';
import type { TaskResults } from '../../state/task-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';

/** What every figure of a task draws: one run, and the other that stands beside it. */
export interface PairedFigureProps {
  /** Id of the pack, for the names of files. */
  pack: string;
  results: TaskResults;
  /** On the same axes in a figure of its own; null where this one stands alone. */
  beside: TaskResults | null;
  highlighted: RegimeKey;
}

const WHOSE = { recorded: 'recorded', live: 'measured here', imported: 'imported' } as const;

/** What names a figure behind its title, such as `, imported`; empty where it stands alone. */
export function toWhose({ results, beside }: Pick<PairedFigureProps, 'results' | 'beside'>): string {
  return beside === null ? '' : `, ${WHOSE[results.source.kind]}`;
}

/** The figure's file, told apart likewise by its name. */
export function toWhoseExport(
  exported: FigureExport,
  { results, beside }: Pick<PairedFigureProps, 'results' | 'beside'>,
): FigureExport {
  if (beside === null) return exported;
  return { ...exported, measure: `${exported.measure}-${WHOSE[results.source.kind].replace(' ', '-')}` };
}
