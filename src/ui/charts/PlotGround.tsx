import type { Plot } from './plot.ts';
import { toPosition } from './scale.ts';

/** What lies behind the marks of all rows: the shaded stretch and a hairline at every tick. */
export function PlotGround({ plot }: { plot: Plot }) {
  const { band, scale } = plot;
  return (
    <g>
      {band === null ? null : (
        <rect
          x={toPosition(band.from, scale)}
          y="0"
          width={toPosition(band.to - band.from, scale)}
          height="100%"
          fill="var(--shade)"
        />
      )}
      {scale.ticks.map((tick) => {
        const x = toPosition(tick, scale);
        return <line key={tick} x1={x} x2={x} y1="0" y2="100%" stroke="var(--line)" strokeWidth="1" />;
      })}
    </g>
  );
}
