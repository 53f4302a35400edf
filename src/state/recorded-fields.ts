import * as z from 'zod/mini';
import { AppError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Latency } from './results.ts';
import { discardedRound, FORMER_NEW_TOKENS } from './timings.ts';

/** What recorded files of a pack are made of. */

export const share = z.number().check(z.minimum(0), z.maximum(1));
export const count = z.number().check(z.minimum(0));
export const whole = z.int().check(z.minimum(0));

/** What a regime's model takes. */
export const regimeSize = z.object({
  storedBytes: count,
  runtimeBytes: count,
  sparsity: share,
  bitsPerWeight: count,
  extraParameters: whole,
  repairParameters: whole,
});

/** A value of that kind with its interval. */
export function estimate(value: z.ZodMiniType<number>) {
  const fields = {
    value,
    low: value,
    high: value,
    n: whole,
    // Files recorded before these were noted are without, and nothing else says it.
    method: z.exactOptional(z.enum(['wilson', 'cluster-bootstrap'])),
    subjects: z.exactOptional(whole),
  };
  return z.object(fields).check(z.refine(({ low, high }) => low <= high));
}

/** A median of timed runs in milliseconds. */
export const duration = estimate(count);

/** Medians of timed runs in milliseconds. */
export const latency = z.pipe(
  z.object({
    ttftMs: duration,
    prefillMs: z._default(z.nullable(duration), null),
    // Older files have its median alone, and 0 where nothing is routed.
    routingMs: z.nullable(z.union([count, duration])),
    perTokenMs: z.nullable(duration),
    timerResolutionMs: z._default(z.nullable(count), null),
    startedAt: z._default(z.nullable(z.string()), null),
    contextTokens: z._default(z.nullable(whole), null),
    newTokens: z._default(whole, FORMER_NEW_TOKENS),
    discarded: z._default(z.array(discardedRound), []),
  }),
  z.transform(({ routingMs, ...latency }): Latency => {
    const { n } = latency.ttftMs;
    const routing = typeof routingMs === 'number' ? { value: routingMs, low: null, high: null, n } : routingMs;
    const isRouted = routing !== null && routing.value > 0;
    return {
      ...latency,
      prefillMs: latency.prefillMs ?? (isRouted ? null : latency.ttftMs),
      routingMs: isRouted ? routing : null,
    };
  }),
);

/** A share of a time by which another one of the same rounds is longer. */
export const change = z.number().check(z.minimum(-1));

export const recordedSource = z.object({
  kind: z.literal('recorded'),
  device: z.string(),
  deviceKind: z.enum(['webgpu', 'wasm']),
  isSoftware: z.boolean(),
  date: z.string(),
});

/** A recorded file of a form; throws `pack-invalid` naming the file and the first bad field. */
export function parseRecordedFile<T>(form: z.ZodMiniType<T>, bytes: Uint8Array, fileName: string): T {
  const parsed = form.safeParse(parseJson(bytes, fileName, 'pack-invalid'));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new AppError(
    'pack-invalid',
    `The recorded results "${fileName}" are damaged at "${field}": ${issue?.message ?? 'not as expected'}. Reload the page; if it stays, the pack must be made again.`,
    { field, file: fileName, raw: JSON.stringify(issue ?? null) },
  );
}
