import * as z from 'zod/mini';
import { AppError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';

/** What recorded files of a pack are made of. */

export const share = z.number().check(z.minimum(0), z.maximum(1));
export const count = z.number().check(z.minimum(0));
export const whole = z.int().check(z.minimum(0));

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
