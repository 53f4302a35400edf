import * as z from 'zod/mini';
import type { RecoveryKind } from '../recover/recovery.ts';
import { amount, count, parseForm, text } from './check.ts';

const RECOVERY_KINDS = [
  'none',
  'text',
  'prompt',
  'idp',
  'prefix',
  'lora-merged',
  'lora-unmerged',
] as const satisfies readonly RecoveryKind[];

const share = z.number().check(z.minimum(0), z.maximum(1));

/** A 95 % interval of a share. */
const interval = z.object({ low: share, high: share }).check(z.refine(({ low, high }) => low <= high, 'low <= high'));

/** A median of times with its interval, in milliseconds. */
const times = z
  .object({ median: amount, low: amount, high: amount })
  .check(z.refine(({ median, low, high }) => low <= median && median <= high, { error: 'low <= median <= high' }));

/** What tells regimes apart in a recorded file; `recipeId` null is the dense checkpoint, `repairType` null no repair. */
const regime = {
  recipeId: z.nullable(text),
  recovery: z.enum(RECOVERY_KINDS),
  /** The repair's name without its fold, such as `lora-r8` or `pool-routed`. */
  repairType: z.nullable(text),
  /** Of a merged LoRA: the old mask or grid was put on again. */
  recompress: z._default(z.boolean(), false),
};

const accuracy = z
  .object({
    ...regime,
    part: z.enum(['seen', 'held-out', 'control', 'all']),
    items: count.check(z.minimum(1)),
    subjects: count.check(z.minimum(1)),
    right: count,
    interval,
  })
  .check(z.refine(({ right, items }) => right <= items, { error: 'right <= items' }));

const latency = z.object({ ...regime, runs: count.check(z.minimum(1)), ttftMs: times, perTokenMs: z.nullable(times) });

const recorded = z.object({
  formatVersion: z.literal(1),
  /** The device in words, as the page shows it. */
  device: text,
  /** ISO 8601. */
  date: z.string().check(z.regex(/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/, { error: 'an ISO 8601 date in UTC' })),
  /** Runtime and build, such as `onnxruntime-web 1.30.0, jspi`. */
  engine: text,
  accuracy: z.array(accuracy),
  latency: z.array(latency),
});

/** Results of a pack that the engine recorded on one device: `recorded/<name>.json`. */
export type Recorded = z.infer<typeof recorded>;

/** Recorded results, checked; throws `pack-invalid`. */
export function parseRecorded(json: unknown): Recorded {
  return parseForm(recorded, json, 'recorded results');
}
