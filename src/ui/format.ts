/** Numbers as the page prints them: units always, never NaN or Infinity (a dash stands for "not known"). */

const NBSP = '\u00a0';
export const UNKNOWN = '–';

/** By number of digits: `toLocaleString` would make a formatter for every number, which is most of the time that a chart takes to draw. */
const FIXED = new Map<number, Intl.NumberFormat>();

function toFixed(value: number, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'negative' } as const;
  const format = FIXED.get(digits) ?? new Intl.NumberFormat('en-GB', options);
  FIXED.set(digits, format);
  return format.format(value).replace('-', '−');
}

/** 0.874 as `87.4 %`. */
export function formatShare(share: number | null, digits = 1): string {
  if (share === null || !Number.isFinite(share * 100)) return UNKNOWN;
  return `${toFixed(share * 100, digits)}${NBSP}%`;
}

/** A probability; what rounds to nothing is said to be below it, so that 0 is only printed for 0. */
export function formatProbability(probability: number | null): string {
  if (probability === null || !Number.isFinite(probability)) return UNKNOWN;
  if (probability > 0 && probability < 0.0005) return `<${NBSP}0.1${NBSP}%`;
  return formatShare(probability);
}

/** A difference of shares in percentage points with its sign. */
export function formatPoints(difference: number | null): string {
  if (difference === null || !Number.isFinite(difference * 100)) return UNKNOWN;
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '±';
  return `${sign}${toFixed(Math.abs(difference) * 100, 1)}${NBSP}points`;
}

/** A change as a share of what was before, in percent with its sign. */
export function formatPercent(change: number | null): string {
  if (change === null || !Number.isFinite(change * 100)) return UNKNOWN;
  const sign = change > 0 ? '+' : change < 0 ? '−' : '±';
  return `${sign}${toFixed(Math.abs(change) * 100, 1)}${NBSP}%`;
}

/** Points or percent without their unit, for axes that give it in their title. */
export function formatSigned(difference: number): string {
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '';
  const points = Math.abs(difference) * 100;
  return `${sign}${toFixed(points, Number.isInteger(Number(points.toFixed(6))) ? 0 : 1)}`;
}

/** Milliseconds with three meaningful digits; above ten seconds in seconds. */
export function formatMs(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return UNKNOWN;
  if (ms >= 10_000) return `${toFixed(ms / 1000, 1)}${NBSP}s`;
  return `${toFixed(ms, digitsFor(ms))}${NBSP}ms`;
}

/** Tokens per second; a dash where the timer saw no time pass. */
export function formatRate(tokensPerSecond: number | null): string {
  if (tokensPerSecond === null || !Number.isFinite(tokensPerSecond) || tokensPerSecond <= 0) return UNKNOWN;
  return `${toFixed(tokensPerSecond, digitsFor(tokensPerSecond))}${NBSP}tokens/s`;
}

/** Decimal bytes: `812 B`, `1.93 MB`. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes) || bytes < 0) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${toFixed(value, unit === 0 ? 0 : digitsFor(value))}${NBSP}${units[unit] ?? ''}`;
}

/** Bits per weight, two decimals. */
export function formatBits(bits: number | null): string {
  if (bits === null || !Number.isFinite(bits)) return UNKNOWN;
  return `${toFixed(bits, 2)}${NBSP}bits`;
}

/** A bare number with about three meaningful digits, such as a perplexity. */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  return toFixed(value, Math.abs(value) < 0.9995 ? 3 : digitsFor(value));
}

/** Whole numbers with thousands separated. */
export function formatCount(count: number | null): string {
  if (count === null || !Number.isFinite(count)) return UNKNOWN;
  return toFixed(count, 0);
}

/** `4.7×`, or a dash for a ratio to nothing. */
export function formatRatio(numerator: number | null, denominator: number | null): string {
  if (numerator === null || denominator === null || denominator === 0) return UNKNOWN;
  const ratio = numerator / denominator;
  return Number.isFinite(ratio) ? `${toFixed(ratio, digitsFor(ratio))}×` : UNKNOWN;
}

/** The interval of a ratio, short, such as `[0.58, 0.66]`. */
export function formatRatios({ low, high }: { low: number; high: number }): string {
  return `[${toFixed(low, digitsFor(low))},${NBSP}${toFixed(high, digitsFor(high))}]`;
}

/** `61.0 % to 63.0 %`; a dash without an interval. */
export function formatInterval(
  estimate: { low: number | null; high: number | null } | null,
  format: (value: number) => string,
): string {
  const { low, high } = estimate ?? { low: null, high: null };
  return low === null || high === null ? UNKNOWN : `${format(low)} to ${format(high)}`;
}

/** The interval of a share in percent, short, such as `[61.0, 63.0]`; a dash without one. */
export function formatBrackets(estimate: { low: number; high: number } | null, digits = 1): string {
  if (estimate === null || !Number.isFinite(estimate.low * 100) || !Number.isFinite(estimate.high * 100))
    return UNKNOWN;
  return `[${toFixed(estimate.low * 100, digits)},${NBSP}${toFixed(estimate.high * 100, digits)}]`;
}

/** A p-value with three decimals; what rounds to nothing is said to be below it. */
export function formatP(p: number | null): string {
  if (p === null || !Number.isFinite(p)) return UNKNOWN;
  return p < 0.0005 ? `<${NBSP}0.001` : toFixed(p, 3);
}

/** An ISO date or time as `21 Nov 2026`; text that is no date is printed as it came. */
export function formatDate(iso: string): string {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  return new Date(time).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

function digitsFor(value: number): number {
  const size = Math.abs(value);
  if (size >= 99.95) return 0;
  return size >= 9.995 ? 1 : 2;
}
