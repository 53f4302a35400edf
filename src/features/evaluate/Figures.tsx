import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ResultSet } from '../../state/results.ts';
import { AccuracyFigure } from './AccuracyFigure.tsx';
import styles from './EvaluatePanel.module.css';
import { LatencyFigure } from './LatencyFigure.tsx';
import { toRows } from './rows.ts';

export interface FiguresProps {
  /** Id of the pack, for the names of files. */
  pack: string;
  results: ResultSet | null;
  /** Regimes in the order of their lines. */
  keys: readonly RegimeKey[];
  highlighted: RegimeKey;
}

/** Accuracy and latency of one set of results. */
export function Figures({ keys, ...figure }: FiguresProps) {
  const rows = toRows(figure.results, keys);
  return (
    <div className={styles.figures}>
      <AccuracyFigure {...figure} rows={rows} />
      <LatencyFigure {...figure} rows={rows} />
    </div>
  );
}
