import { memo } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { useViewStore } from '../../state/hooks.ts';
import { toCountText, toIntervalText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatInterval, UNKNOWN } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { toLevelColumns, toLevelExport, toLevelPlots } from './level-plots.ts';
import { findMeasure, MEASURES, type Measure } from './measures.ts';
import type { SourcedPoint } from './merge-results.ts';
import { PointLegend } from './PointLegend.tsx';
import { toPairedText, toPairedTexts } from './paired-words.ts';
import { toPointName, toSourcesText, toSourceWord } from './point-words.ts';
import { SourceBadges } from './SourceBadges.tsx';
import styles from './SweepPanel.module.css';

export interface PointFigureProps {
  pack: string;
  points: readonly SourcedPoint[];
  highlighted: RegimeKey;
}

/** A measure against the level of compression, one plot per method, one line per regime. */
export const LevelFigure = memo(function LevelFigure({ pack, points, highlighted }: PointFigureProps) {
  const measureId = useViewStore((state) => state.sweepMeasure);
  const setMeasureId = useViewStore((state) => state.setSweepMeasure);
  const measure = findMeasure(measureId);
  const counts = points.map((point) => measure.read(point));
  return (
    <ChartFigure
      title="Damage by level"
      badge={<SourceBadges points={points} />}
      controls={
        <SegmentedControl
          label="Measure"
          isLabelHidden
          segments={MEASURES.map(({ id, label }) => ({ value: id, label }))}
          value={measureId}
          onChange={setMeasureId}
        />
      }
      chart={
        <>
          <PointLegend points={points} highlighted={highlighted} isCompared={measure.id === 'accuracy'} />
          <div className={styles.multiples}>
            {toLevelPlots(points, measure).map(({ method, label, plot }) => (
              <XyChart key={method} plot={plot} title={label} highlighted={highlighted} />
            ))}
          </div>
        </>
      }
      table={<LevelTable points={points} measure={measure} />}
      caption={
        <>
          {measure.meaning} {toCountText(counts, 'items')} per recipe and regime; whiskers are {toIntervalText(counts)}.
          Compression grows to the right. A line joins recipes that differ in their level alone.{' '}
          {measure.id === 'accuracy' ? toPairedText(points) : 'Only accuracies are compared in pairs. '}
          {toSourcesText(points)}
        </>
      }
      exported={() => toLevelExport(pack, points, measure)}
    />
  );
});

/** Drawn only where it is looked at: it has hundreds of rows. */
function LevelTable({ points, measure }: { points: readonly SourcedPoint[]; measure: Measure }) {
  return (
    <DataTable
      caption={`${measure.label} of every recipe in every regime`}
      columns={toLevelColumns(measure)}
      rows={toRows(points, measure)}
      isLong
    />
  );
}

function toRows(points: readonly SourcedPoint[], { id, read, format }: Measure) {
  return points.map((point) => {
    const estimate = read(point);
    return {
      key: point.id,
      cells: [
        toPointName(point),
        point.isShipped ? 'yes' : '',
        estimate === null ? UNKNOWN : format(estimate.value),
        formatInterval(estimate, format),
        formatCount(estimate?.n ?? null),
        ...(id === 'accuracy' ? toPairedTexts(point) : []),
        point.transferredFrom ?? '',
        toSourceWord(point),
      ],
    };
  });
}
