import type { Estimates, Precision } from './estimates.ts';
import type { Latency } from './results.ts';
import { FORMER_NEW_TOKENS, type Timings } from './timings.ts';

/** Medians of timed runs, routing, prefill and decode apart, each with an interval of its own; null without runs. */
export async function toLatency(
  timings: Timings,
  toMedian: Estimates['toMedian'],
  precision: Precision = 'final',
): Promise<Latency | null> {
  const { ttftMs, perTokenMs, routingMs, timerResolutionMs, startedAt, discarded = [] } = timings;
  if (ttftMs.length === 0) return null;
  const isRouted = routingMs.some((time) => time > 0);
  const ttft = await toMedian(ttftMs, precision);
  return {
    ttftMs: ttft,
    // Run by run: the difference of two medians is the median of no run.
    prefillMs: isRouted
      ? await toMedian(
          ttftMs.map((time, i) => time - (routingMs[i] ?? 0)),
          precision,
        )
      : ttft,
    routingMs: isRouted ? await toMedian(routingMs, precision) : null,
    perTokenMs: await toMedian(perTokenMs, precision),
    timerResolutionMs,
    startedAt: startedAt ?? null,
    contextTokens: timings.contextTokens ?? null,
    newTokens: timings.newTokens ?? FORMER_NEW_TOKENS,
    discarded,
  };
}
