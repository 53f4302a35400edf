import { useActiveTooltipLabel, useIsTooltipActive, usePlotArea, useXAxisScale } from 'recharts';
import { type Plot, toFitting } from './plot.ts';

/** Marks the row that is pointed at, and its first estimate across all rows, so that others can be held against it. */
export function Crosshair({ plot }: { plot: Plot }) {
  const isActive = useIsTooltipActive();
  const key = useActiveTooltipLabel();
  const area = usePlotArea();
  const toX = useXAxisScale();
  const index = plot.rows.findIndex((row) => row.key === key);
  const row = plot.rows[index];
  if (!isActive || area === undefined || row === undefined) return null;
  const rowHeight = area.height / plot.rows.length;
  const first = row.marks.map((mark) => toFitting(mark.estimate, plot.scale)).find((estimate) => estimate !== null);
  const x = first === undefined ? undefined : toX?.(first.value);
  return (
    <g pointerEvents="none">
      <rect x={area.x} y={area.y + index * rowHeight} width={area.width} height={rowHeight} fill="var(--shade)" />
      {x === undefined ? null : (
        <line x1={x} x2={x} y1={area.y} y2={area.y + area.height} stroke="var(--ink-3)" strokeDasharray="2 3" />
      )}
    </g>
  );
}
