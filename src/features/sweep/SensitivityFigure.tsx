import { memo } from 'react';
import { actsOnSingle } from '../../core/compress/levels.ts';
import { useSweepStore, useViewStore } from '../../state/hooks.ts';
import type { SweepResults } from '../../state/sweep-state.ts';
import { toCountText, toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatInterval, UNKNOWN } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { CELL_HEADINGS, toCellsText, toCellTexts } from './cell-words.ts';
import styles from './SweepPanel.module.css';
import { SweepRun } from './SweepRun.tsx';
import { SENSITIVITY_MEASURES, toMatrixLabel, toSensitivityExport, toSensitivityMap } from './sensitivity-map.ts';

interface SensitivityFigureProps {
  pack: string;
  /** Live results once there are any, else recorded ones: cells of two recipes never share a map. */
  results: SweepResults | null;
}

/** What each matrix costs when it alone is compressed: layers down, matrices across. */
export const SensitivityFigure = memo(function SensitivityFigure({ pack, results }: SensitivityFigureProps) {
  const start = useSweepStore((state) => state.startSensitivity);
  const measureId = useViewStore((state) => state.cellMeasure);
  const setMeasureId = useViewStore((state) => state.setCellMeasure);
  const sensitivity = results?.sensitivity ?? null;
  const cells = sensitivity?.cells ?? [];
  const family = results?.family?.cells ?? null;
  const measure = SENSITIVITY_MEASURES.find(({ id }) => id === measureId);
  if (measure === undefined) return null;
  const { columns, rows, least, most } = toSensitivityMap(cells, measure, family);
  const estimates = cells.map(measure.read);
  const isEmpty = sensitivity === null || results === null;
  return (
    <ChartFigure
      title="Sensitivity, layer by matrix"
      badge={isEmpty ? null : <SourceBadge source={results.source} />}
      run={<SweepRun of="sensitivity" startLabel="Measure the page’s recipe here" onStart={start} />}
      controls={
        <SegmentedControl
          label="Measure of sensitivity"
          isLabelHidden
          segments={SENSITIVITY_MEASURES.map(({ id, label }) => ({ value: id, label }))}
          value={measureId}
          onChange={setMeasureId}
        />
      }
      chart={
        isEmpty ? (
          <p className={styles.empty}>No matrix was compressed alone yet.</p>
        ) : (
          <HeatMap
            caption={`${measure.label} with one matrix compressed: layers down, matrices across`}
            columns={columns}
            rows={rows}
            legend={{ title: measure.meaning, least, most }}
          />
        )
      }
      table={
        <DataTable
          caption="Sensitivity of every matrix"
          columns={[
            ...['Place', 'Accuracy', '95\u00a0% interval', 'KL divergence', '95\u00a0% interval of it', 'Items'],
            ...CELL_HEADINGS,
          ]}
          rows={cells.map((cell, i) => ({
            key: `${cell.layer} ${cell.matrix}`,
            cells: [
              `Layer ${cell.layer}, ${toMatrixLabel(cell.matrix)}`,
              ...[...SENSITIVITY_MEASURES].reverse().flatMap(({ read, formatLong }) => {
                const estimate = read(cell);
                return [estimate === null ? UNKNOWN : formatLong(estimate.value), formatInterval(estimate, formatLong)];
              }),
              formatCount(cell.accuracy?.n ?? null),
              ...toCellTexts(family, i),
            ],
          }))}
          isLong
        />
      }
      caption={
        isEmpty ? (
          'Compresses one matrix, or the seven of a layer, and leaves the rest dense.'
        ) : (
          <>
            {sensitivity.label},{' '}
            {actsOnSingle(sensitivity.recipe) ? 'on one matrix or the seven of a layer' : 'on one layer'}, the rest
            dense; the stronger the shade, the greater the damage. {toCountText(estimates, 'items')} per cell; readout
            and table give {toIntervalText(estimates)}. {toCellsText(family)}
            {toSourceText(results.source)}
          </>
        )
      }
      exported={toSensitivityExport(pack, results)}
    />
  );
});
