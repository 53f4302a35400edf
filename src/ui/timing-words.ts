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
  /** When its timing began; regimes of one timing took turns. Null where that was not kept. */
  startedAt: string | null;
  discarded: readonly { round: number; reason: 'slowed' | 'asked' }[];
}

/** One of each timing that the times at hand are of, the first to begin first: what was discarded belongs to all of its regimes. */
function toTimings(timed: readonly (Timed | null)[]): readonly Timed[] {
  const byStart = new Map(timed.flatMap((each) => (each === null ? [] : [[each.startedAt ?? '', each] as const])));
  return [...byStart].sort(([one], [other]) => one.localeCompare(other)).map(([, each]) => each);
}

/** Rounds that were thrown away, each counted once. */
export function countDiscarded(timed: readonly (Timed | null)[]): number {
  return toTimings(timed).reduce((sum, { discarded }) => sum + discarded.length, 0);
}

interface TimedQuestion {
  /** Null where it was not kept. */
  contextTokens: number | null;
  newTokens: number;
}

/** What every run was: how long its question and how many tokens behind it; empty where nothing was timed. */
export function toRunText(timed: readonly (TimedQuestion | null)[]): string {
  const lengths = new Set<number | null>();
  const news = new Set<number>();
  for (const each of timed) {
    if (each === null) continue;
    lengths.add(each.contextTokens);
    news.add(each.newTokens);
  }
  if (news.size === 0) return '';
  const kept = [...lengths].filter((length) => length !== null).sort((one, other) => one - other);
  const question =
    kept.length === 0 ? 'one question' : `one question of ${kept.join(' or ')} tokens behind the begin token`;
  const unkept = lengths.has(null) ? ' (its length was not kept)' : '';
  return `Each run is ${question}${unkept}, then ${[...news].join(' or ')} new tokens, the first of them from the prefill. `;
}

/** How finely the clock measured, which regimes took turns, and which rounds do not count and why; empty where nothing was timed. */
export function toTimingText(timed: readonly (Timed | null)[], slowedFactor: number): string {
  const timings = toTimings(timed);
  const resolutionMs = timings[0]?.timerResolutionMs ?? null;
  const sentences = [
    ...(resolutionMs === null ? [] : [`The clock moves in steps of ${formatMs(resolutionMs)}.`]),
    ...(timings.length > 1 ? [`The times are of ${timings.length} timings: only regimes of one took turns.`] : []),
    ...timings.flatMap(({ discarded }, i) => {
      const where = timings.length > 1 ? ` of timing ${i + 1}` : '';
      const toText = (wanted: Timed['discarded'][number]['reason'], why: string) =>
        toRoundsText(
          discarded.filter(({ reason }) => reason === wanted).map(({ round }) => round),
          where,
          why,
        );
      return [
        ...toText('slowed', `the processor was slowed: a fixed loop took more than ${slowedFactor} times as long`),
        ...toText('asked', 'the engine was asked for something else meanwhile'),
      ];
    }),
  ];
  return sentences.map((sentence) => `${sentence} `).join('');
}

function toRoundsText(rounds: readonly number[], where: string, reason: string): readonly string[] {
  if (rounds.length === 0) return [];
  const named =
    rounds.length === 1
      ? `Round ${rounds[0]}${where} was`
      : `Rounds ${rounds.slice(0, -1).join(', ')} and ${rounds.at(-1)}${where} were`;
  return [`${named} thrown away: ${reason}.`];
}
