import * as z from 'zod/mini';

const count = z.number().check(z.refine(Number.isFinite), z.minimum(0));

/** A round of runs that does not count, by its place from 1 on. */
export const discardedRound = z.object({
  round: z.int().check(z.minimum(1)),
  reason: z.enum(['slowed', 'asked']),
});

/** Most timed runs of a regime: far above the 30 rounds that the page makes, and their median still takes a tenth of a second. */
const MAX_TIMED_RUNS = 1_000;

const times = z.array(count).check(z.maxLength(MAX_TIMED_RUNS));

/** Tokens that every run decoded before runs said how many. */
export const FORMER_NEW_TOKENS = 8;

/** Timed runs as they are stored. */
export const timings = z
  .object({
    ttftMs: times,
    perTokenMs: times,
    routingMs: times,
    timerResolutionMs: count,
    /** ISO 8601: runs of one start took turns, runs of two did not. Runs of earlier visits do not say. */
    startedAt: z.exactOptional(z.string().check(z.maxLength(40))),
    /** Length of the question, and how many tokens were decoded behind it. Runs of earlier visits do not say. */
    contextTokens: z.exactOptional(z.int().check(z.minimum(1))),
    newTokens: z.exactOptional(z.int().check(z.minimum(1))),
    discarded: z.exactOptional(z.array(discardedRound).check(z.maxLength(MAX_TIMED_RUNS))),
  })
  .check(
    z.refine(({ ttftMs, perTokenMs, routingMs }) =>
      [perTokenMs, routingMs].every(({ length }) => length === ttftMs.length),
    ),
  );

/** Timed runs of one regime, in the order they ran. */
export type Timings = z.infer<typeof timings>;

export type DiscardedRound = z.infer<typeof discardedRound>;
