import * as z from 'zod/mini';
import { AppError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { RecordedTransfer } from './transfer-state.ts';
import { TRANSFER_TYPES } from './transfer-state.ts';

const share = z.number().check(z.minimum(0), z.maximum(1));
const estimate = z
  .object({ value: share, low: share, high: share, n: z.int().check(z.minimum(1)) })
  .check(z.refine(({ low, high }) => low <= high));

const transfer = z.object({
  version: z.literal(1),
  device: z.string(),
  date: z.string(),
  dense: estimate,
  compressed: z.record(z.string(), estimate),
  cells: z.array(z.object({ type: z.enum(TRANSFER_TYPES), from: z.string(), to: z.string(), accuracy: estimate })),
});

/** The transfer matrix of a pack (`docs/pack-format.md`); throws `pack-invalid` naming the file and the first bad field. */
export function parseTransfer(bytes: Uint8Array, fileName: string): RecordedTransfer {
  const parsed = transfer.safeParse(parseJson(bytes, fileName, 'pack-invalid'));
  if (parsed.success) {
    const { version: _, compressed, ...rest } = parsed.data;
    return { ...rest, compressed: new Map(Object.entries(compressed)) };
  }
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  const message = `The transfer matrix "${fileName}" is damaged at "${field}": ${issue?.message ?? 'not as expected'}. The pack must be made again.`;
  throw new AppError('pack-invalid', message, { field, file: fileName });
}
