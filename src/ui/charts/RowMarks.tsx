import { RegimeShapePath } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { type Plot, type PlotMark, type PlotRow, toFitting } from './plot.ts';
import { type Scale, toPosition } from './scale.ts';

interface RowMarksProps {
  plot: Plot;
  row: PlotRow;
}

/** The marks of one row, to stand in an `svg` as wide as the plot and as high as the row. */
export function RowMarks({ plot: { scale, hasStem }, row }: RowMarksProps) {
  return row.marks.map((mark) => <Mark key={mark.name} row={row} mark={mark} scale={scale} hasStem={hasStem} />);
}

interface MarkProps {
  row: PlotRow;
  mark: PlotMark;
  scale: Scale;
  hasStem: boolean;
}

/** One estimate: its 95 % interval, where it has one, as a line with ends, its value as the regime's mark. */
function Mark({ row, mark, scale, hasStem }: MarkProps) {
  const estimate = toFitting(mark.estimate, scale);
  if (estimate === null) return null;
  const { color } = toRegimeLook(row.key);
  const x = toPosition(estimate.value, scale);
  if (mark.look === 'line') {
    return <line x1={x} x2={x} y1="20%" y2="80%" stroke="var(--ink-3)" strokeWidth="2" strokeDasharray="3 2" />;
  }
  return (
    <svg y={`${mark.top * 100}%`} width="100%" height="1" overflow="visible" aria-hidden="true">
      {hasStem ? <line x1="0" x2={x} stroke={color} strokeWidth="5" opacity="0.22" /> : null}
      {estimate.low === null || estimate.high === null ? null : (
        <Whisker low={toPosition(estimate.low, scale)} high={toPosition(estimate.high, scale)} color={color} />
      )}
      <svg x={x} width="1" height="1" overflow="visible" aria-hidden="true">
        <RegimeShapePath regime={row.key} isHollow={mark.look === 'hollow'} />
      </svg>
    </svg>
  );
}

function Whisker({ low, high, color }: { low: string; high: string; color: string }) {
  return (
    <>
      <line x1={low} x2={high} stroke={color} strokeWidth="1.5" />
      <line x1={low} x2={low} y1="-4" y2="4" stroke={color} strokeWidth="1.5" />
      <line x1={high} x2={high} y1="-4" y2="4" stroke={color} strokeWidth="1.5" />
    </>
  );
}
