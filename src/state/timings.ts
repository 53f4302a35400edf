import * as z from 'zod/mini';

const count = z.number().check(z.refine(Number.isFinite), z.minimum(0));

/** A round of runs that does not count, by its place from 1 on. */
export const discardedRound = z.object({
  round: z.int().check(z.minimum(1)),
  reason: z.enum(['slowed', 'asked']),
});

/** Timed runs as they are stored. */
export const timings = z.object({
  ttftMs: z.array(count),
  perTokenMs: z.array(count),
  routingMs: z.array(count),
  timerResolutionMs: count,
  /** ISO 8601: runs of one start took turns, runs of two did not. Runs of earlier visits do not say. */
  startedAt: z.exactOptional(z.string()),
  discarded: z.exactOptional(z.array(discardedRound)),
});

/** Timed runs of one regime, in the order they ran. */
export type Timings = z.infer<typeof timings>;

export type DiscardedRound = z.infer<typeof discardedRound>;
