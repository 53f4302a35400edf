/** A linear axis from 0 to `max`. */
export interface Scale {
  max: number;
  ticks: readonly number[];
}

export const SHARE_SCALE: Scale = { max: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

/** An axis from 0 to a round number at or above every finite value; with 0 alone where there is none above it. */
export function toScale(values: readonly number[]): Scale {
  const largest = values.reduce((max, value) => (Number.isFinite(value) ? Math.max(max, value) : max), 0);
  if (largest <= 0) return { max: 1, ticks: [0] };
  const magnitude = 10 ** Math.floor(Math.log10(largest / 2));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * magnitude).find((size) => size * 4 >= largest);
  const tickStep = step ?? largest / 4;
  const count = Math.max(1, Math.ceil(largest / tickStep - 1e-9));
  // Rounded to 12 digits, so that 3 steps of 0.1 print as 0.3.
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * tickStep).toPrecision(12)));
  return { max: ticks[count] ?? largest, ticks };
}

/** The least and the largest of the finite values, however many; null without one. */
export function toExtent(values: Iterable<number>): { least: number; most: number } | null {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return least <= most ? { least, most } : null;
}

/** A linear axis that holds 0 and every finite value: round ends, ticks between them. */
export interface Span {
  from: number;
  to: number;
  ticks: readonly number[];
}

/** An axis for differences: from the round number below the least value to the one above the largest, 0 always within. */
export function toSpan(values: readonly number[]): Span {
  const extent = toExtent(values);
  const [least, most] = [Math.min(0, extent?.least ?? 0), Math.max(0, extent?.most ?? 0)];
  // Two sides have room for a few more ticks than one.
  const step = toScale([(most - least) / 1.5]).ticks[1] ?? 1;
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  // Rounded to 12 digits, so that 3 steps of 0.1 print as 0.3.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { from: ticks[0] ?? 0, to: ticks.at(-1) ?? 1, ticks };
}

/** Where a value lies on the axis, as an SVG percentage; outside values stop at the ends. */
export function toPosition(value: number, scale: Scale): string {
  const share = Math.min(1, Math.max(0, value / scale.max));
  return `${Number((share * 100).toFixed(3))}%`;
}
