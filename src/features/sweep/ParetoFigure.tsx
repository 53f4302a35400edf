import { memo } from 'react';
import { toCountText, toIntervalText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatBytes, formatCount, formatInterval, formatShare } from '../../ui/format.ts';
import type { PointFigureProps } from './LevelFigure.tsx';
import type { SourcedPoint } from './merge-results.ts';
import { PointLegend } from './PointLegend.tsx';
import { toPairedText, toPairedTexts } from './paired-words.ts';
import { PARETO_COLUMNS, toFrontIds, toParetoExport, toParetoPlot } from './pareto-plot.ts';
import { toPointName, toSourcesText, toSourceWord } from './point-words.ts';
import { SourceBadges } from './SourceBadges.tsx';

/** Accuracy against stored bytes: all recipes and regimes in one plot, with the front of every regime. */
export const ParetoFigure = memo(function ParetoFigure({ pack, points, highlighted }: PointFigureProps) {
  const accuracies = points.map(({ accuracy }) => accuracy);
  return (
    <ChartFigure
      title="Pareto front"
      badge={<SourceBadges points={points} />}
      chart={
        <>
          <PointLegend points={points} highlighted={highlighted} isCompared />
          <XyChart plot={toParetoPlot(points)} title="Accuracy against size" highlighted={highlighted} isTall />
        </>
      }
      table={<ParetoTable points={points} />}
      caption={
        <>
          A step line is the best that a regime reaches with at most so many bytes, its front; points that it beats are
          faint. Bytes are those of an encoding that exists, the repair included. {toCountText(accuracies, 'items')} per
          point; whiskers are {toIntervalText(accuracies)}. {toPairedText(points)}
          {toSourcesText(points)}
        </>
      }
      exported={() => toParetoExport(pack, points)}
    />
  );
});

/** Drawn only where it is looked at: it has hundreds of rows. */
function ParetoTable({ points }: { points: readonly SourcedPoint[] }) {
  return <DataTable caption="Accuracy against size" columns={PARETO_COLUMNS} rows={toRows(points)} isLong />;
}

function toRows(points: readonly SourcedPoint[]) {
  const front = toFrontIds(points);
  return points.map((point) => ({
    key: point.id,
    cells: [
      toPointName(point),
      point.isShipped ? 'yes' : '',
      formatBytes(point.storedBytes),
      formatShare(point.accuracy?.value ?? null),
      formatInterval(point.accuracy, formatShare),
      formatCount(point.accuracy?.n ?? null),
      ...toPairedTexts(point),
      front.has(point.id) ? 'yes' : '',
      toSourceWord(point),
    ],
  }));
}
