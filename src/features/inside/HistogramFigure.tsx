import { memo, useMemo } from 'react';
import type { MatrixReport } from '../../core/inside/capture.ts';
import { toHistograms, type WeightCounts } from '../../core/inside/matrix-figures.ts';
import { useInsideForm } from '../../state/hooks.ts';
import { HISTOGRAM_HEIGHTS, type HistogramHeights } from '../../state/inside-state.ts';
import type { ResultSource } from '../../state/results.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { Histogram } from '../../ui/charts/Histogram.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { useRecipeNotes } from './use-notes.ts';
import styles from './views.module.css';
import {
  countMissing,
  type MatrixFile,
  type MatrixStage,
  toHistogramColumns,
  toHistogramExport,
  toHistogramRows,
} from './weight-tables.ts';
import { formatEdge, toModuleName } from './weight-words.ts';

export interface MatrixFigureProps {
  report: MatrixReport;
  stages: readonly MatrixStage[];
  file: MatrixFile;
  /** Null while no model runs. */
  source: ResultSource | null;
}

const HEIGHT_WORDS: Readonly<Record<HistogramHeights, string>> = { count: 'Counts', log: 'Log counts' };

/** Weights of one matrix by value, before and after a recipe and with what a LoRA adds; zeros in words. */
export const HistogramFigure = memo(function HistogramFigure({ report, stages, file, source }: MatrixFigureProps) {
  const notes = useRecipeNotes([file.regime]);
  const heights = useInsideForm((state) => state.choice.heights);
  const choose = useInsideForm((state) => state.choose);
  const histograms = useMemo(() => toHistograms(report), [report]);
  const series = stages.flatMap(({ id, name, color }) => {
    const counts = histograms[id];
    return counts === null ? [] : [{ name, color, isDashed: id === 'after', counts: counts.counts }];
  });
  return (
    <ChartFigure
      title={`Weights of ${toModuleName(report.module)}`}
      badge={source === null ? null : <SourceBadge source={source} />}
      controls={
        <SegmentedControl
          label="Heights"
          isLabelHidden
          segments={HISTOGRAM_HEIGHTS.map((value) => ({ value, label: HEIGHT_WORDS[value] }))}
          value={heights}
          onChange={(next) => choose({ heights: next })}
        />
      }
      chart={
        <div className={styles.part}>
          <p className={styles.finding}>
            {stages.map(({ id, name }) => toZerosText(name, histograms[id])).join('; ')}.
          </p>
          <Histogram
            edges={histograms.edges}
            series={series}
            isLog={heights === 'log'}
            label={`Histogram of the weights of ${toModuleName(report.module)} that are not 0`}
            xTitle="weight"
            yTitle={heights === 'log' ? 'weights, log scale' : 'weights'}
            formatEdge={formatEdge}
          />
        </div>
      }
      table={
        <DataTable
          caption="Weights by value"
          columns={toHistogramColumns(stages)}
          rows={toHistogramRows(histograms, stages)}
          isLong
        />
      }
      caption={
        <>
          All outlines have the same bins, as wide as the largest weight of any needs. Weights that are exactly 0 are in
          no bin: they stand in words above. {notes}
          {source === null ? '' : toSourceText(source)}
        </>
      }
      exported={() => toHistogramExport(file, histograms, stages)}
    />
  );
});

/** `Compressed: 9,830 of 16,384 weights are 0 (60.0 %)`; what is no number is said too. */
function toZerosText(name: string, counts: WeightCounts | null): string {
  if (counts === null) return `${name}: not there`;
  const missing = countMissing(counts);
  const share = counts.total === 0 ? null : counts.zeros / counts.total;
  const text =
    counts.zeros === 0
      ? `${name}: none of ${formatCount(counts.total)} weights is 0`
      : `${name}: ${formatCount(counts.zeros)} of ${formatCount(counts.total)} weights are 0 (${formatShare(share)})`;
  return missing === 0 ? text : `${text}, ${formatCount(missing)} are no numbers`;
}
