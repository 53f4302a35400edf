import type { RegimeKey } from '../../core/recover/regime.ts';
import { RegimeShapePath } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import { type Scale, toPosition } from './scale.ts';

interface IntervalMarkProps {
  regime: RegimeKey;
  estimate: ChartEstimate | null;
  scale: Scale;
  /** Where the mark's centre lies in the row, from its top, such as `50%`. */
  y: string;
  isHollow?: boolean;
  /** A line from 0 to the value, for quantities where the length means something. */
  hasStem?: boolean;
}

/** One estimate in a plot row: its 95 % interval as a line with ends, its value as the regime's mark. */
export function IntervalMark({ regime, estimate, scale, y, isHollow = false, hasStem = false }: IntervalMarkProps) {
  const drawable = toDrawable(estimate);
  if (drawable === null) return null;
  const { color } = toRegimeLook(regime);
  const low = toPosition(drawable.low, scale);
  const high = toPosition(drawable.high, scale);
  return (
    <svg y={y} width="100%" height="1" overflow="visible" aria-hidden="true">
      {hasStem ? (
        <line x1="0" x2={toPosition(drawable.value, scale)} stroke={color} strokeWidth="5" opacity="0.22" />
      ) : null}
      <line x1={low} x2={high} stroke={color} strokeWidth="1.5" />
      <line x1={low} x2={low} y1="-4" y2="4" stroke={color} strokeWidth="1.5" />
      <line x1={high} x2={high} y1="-4" y2="4" stroke={color} strokeWidth="1.5" />
      <svg x={toPosition(drawable.value, scale)} width="1" height="1" overflow="visible" aria-hidden="true">
        <RegimeShapePath regime={regime} isHollow={isHollow} />
      </svg>
    </svg>
  );
}

/** Vertical hairlines at the axis' ticks, the full height of a row. */
export function Gridlines({ scale }: { scale: Scale }) {
  return (
    <g>
      {scale.ticks.map((tick) => (
        <line
          key={tick}
          x1={toPosition(tick, scale)}
          x2={toPosition(tick, scale)}
          y1="0"
          y2="100%"
          stroke="var(--line)"
          strokeWidth="1"
        />
      ))}
    </g>
  );
}
