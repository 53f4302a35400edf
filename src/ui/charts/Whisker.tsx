import { type Scale, toPosition } from './scale.ts';

interface WhiskerProps {
  estimate: { low: number | null; high: number | null };
  scale: Scale;
  /** Pixels from the top. */
  y: number;
  color: string;
}

/** Half the length of a whisker's ends, in pixels. */
const WHISKER_END = 4;

/** An interval along a bar, with its ends; nothing without one. */
export function Whisker({ estimate: { low, high }, scale, y, color }: WhiskerProps) {
  if (low === null || high === null) return null;
  const [left, right] = [toPosition(low, scale), toPosition(high, scale)];
  return (
    <g stroke={color} strokeWidth="1.25">
      <line x1={left} x2={right} y1={y} y2={y} />
      <line x1={left} x2={left} y1={y - WHISKER_END} y2={y + WHISKER_END} />
      <line x1={right} x2={right} y1={y - WHISKER_END} y2={y + WHISKER_END} />
    </g>
  );
}
