import { formatInterval, formatMs } from './format.ts';

/** Decode steps of a timed run, whose mean is one time per token. */
const DECODE_STEPS = 7;

/** Finest time per token that a clock of such steps tells: the mean of several decode steps between two looks at it. */
export function toTokenResolution(timerResolutionMs: number | null): number | null {
  return timerResolutionMs === null ? null : timerResolutionMs / DECODE_STEPS;
}

/** A median in milliseconds; one below what the clock resolves is said to be so, not printed as 0. */
export function formatTimed(median: { value: number } | null, resolutionMs: number | null): string {
  if (median !== null && resolutionMs !== null && median.value < resolutionMs)
    return `<\u00a0${formatMs(resolutionMs)}`;
  return formatMs(median?.value ?? null);
}

/** Its interval; none where the clock does not resolve it. */
export function formatTimedInterval(
  median: { value: number; low: number | null; high: number | null } | null,
  resolutionMs: number | null,
): string {
  const isBelow = median !== null && resolutionMs !== null && median.value < resolutionMs;
  return isBelow ? 'below the timer' : formatInterval(median, formatMs);
}

interface Timed {
  timerResolutionMs: number | null;
  discarded: readonly { round: number; reason: 'slowed' | 'asked' }[];
}

/** How finely the clock measured, and which rounds do not count and why; empty where nothing was timed. */
export function toTimingText(timed: readonly (Timed | null)[], slowedFactor: number): string {
  const [first] = timed.filter((each) => each !== null);
  if (first === undefined) return '';
  const { timerResolutionMs, discarded } = first;
  const places = (reason: Timed['discarded'][number]['reason']) =>
    discarded.filter((each) => each.reason === reason).map(({ round }) => round);
  const sentences = [
    timerResolutionMs === null ? '' : `The clock moves in steps of ${formatMs(timerResolutionMs)}.`,
    toRoundsText(
      places('slowed'),
      `the processor was slowed: a fixed loop took more than ${slowedFactor} times as long`,
    ),
    toRoundsText(places('asked'), 'the engine was asked for something else meanwhile'),
  ];
  return sentences
    .filter((sentence) => sentence !== '')
    .map((sentence) => `${sentence} `)
    .join('');
}

function toRoundsText(rounds: readonly number[], reason: string): string {
  if (rounds.length === 0) return '';
  const named =
    rounds.length === 1
      ? `Round ${rounds[0]} was`
      : `Rounds ${rounds.slice(0, -1).join(', ')} and ${rounds.at(-1)} were`;
  return `${named} thrown away: ${reason}.`;
}
