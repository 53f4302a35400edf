/** What a chart draws: a value with its interval, or null at both ends without one; whatever is not finite is not drawn. */
export interface ChartEstimate {
  value: number;
  low: number | null;
  high: number | null;
  /** Items scored or runs timed. */
  n: number;
}

/** The estimate as it can be drawn: null without a finite value; an interval that is not finite or inverted shrinks to the value. */
export function toDrawable(estimate: ChartEstimate | null): ChartEstimate | null {
  if (estimate === null || !Number.isFinite(estimate.value)) return null;
  const { value, low, high, n } = estimate;
  const count = Number.isFinite(n) ? n : 0;
  if (low === null || high === null) return { value, low: null, high: null, n: count };
  return {
    value,
    low: Number.isFinite(low) && low <= value ? low : value,
    high: Number.isFinite(high) && high >= value ? high : value,
    n: count,
  };
}
