import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ResultSet } from '../../state/results.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';

/** What a figure of accuracy or latency draws. */
export interface FigureProps {
  /** Id of the pack, for the names of files. */
  pack: string;
  results: ResultSet | null;
  /** Regimes in the order of their lines. */
  keys: readonly RegimeKey[];
  highlighted: RegimeKey;
  /** Where another set of results stands beside this one. */
  beside?: Beside | undefined;
}

export interface Beside {
  /** Tells the figure apart in its title and table. */
  whose: 'imported' | 'measured here' | 'recorded';
  /** The other set, on the same axes. */
  results: ResultSet | null;
  /** Stands in place of the buttons of a run, which are where its figures come; null where they are here. */
  lead: ReactNode;
}

/** What names the figure behind the quantity, such as `, imported`; empty where it stands alone. */
export function toWhose(beside: Beside | undefined): string {
  return beside === undefined ? '' : `, ${beside.whose}`;
}

/** The figure's file, told apart likewise by its name. */
export function toWhoseExport(exported: FigureExport, beside: Beside | undefined): FigureExport {
  return beside === undefined
    ? exported
    : { ...exported, measure: `${exported.measure}-${beside.whose.replace(' ', '-')}` };
}
