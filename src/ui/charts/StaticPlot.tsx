import { PlotGround } from './PlotGround.tsx';
import type { Plot } from './plot.ts';
import { RowMarks } from './RowMarks.tsx';

/** The plot as plain SVG, without a chart library: what the first paint shows. */
export function StaticPlot({ plot }: { plot: Plot }) {
  const { rows } = plot;
  return (
    <svg width="100%" height="100%" overflow="visible" aria-hidden="true">
      <PlotGround plot={plot} />
      {rows.map((row, i) => (
        <svg
          key={row.key}
          y={`${(i / rows.length) * 100}%`}
          width="100%"
          height={`${100 / rows.length}%`}
          overflow="visible"
          aria-hidden="true"
        >
          <RowMarks plot={plot} row={row} />
        </svg>
      ))}
    </svg>
  );
}
