import * as z from 'zod/mini';
import { SHAPE_KEYS } from '../core/shape/shape-regimes.ts';
import { change, duration, latency, parseRecordedFile, recordedSource, share, whole } from './recorded-fields.ts';
import { shapeLayers } from './shape-book.ts';
import type { ShapeResults } from './shape-state.ts';

const kernels = z.object({ prefillMs: duration, perTokenMs: duration, kernelsPerToken: whole });

const timeChange = z
  .object({ value: change, low: change, high: change, p: share, rounds: whole })
  .check(z.refine(({ low, high }) => low <= high));
const againstLora = z.object({ ttftMs: z.nullable(timeChange), perTokenMs: z.nullable(timeChange) });
const row = z.object({
  key: z.enum(SHAPE_KEYS),
  latency,
  againstLora: z._default(z.nullable(againstLora), null),
  kernels: z.nullable(kernels),
});

const recorded = z.object({
  version: z.literal(1),
  source: recordedSource,
  numLayers: shapeLayers,
  rows: z.array(row),
  kernelGap: z.nullable(z.enum(['no-gpu', 'no-timestamps', 'stopped'])),
});

/** `recorded/shapes.json` of a pack, its rows in one order; throws `pack-invalid` naming the file and the first bad field. */
export function parseShape(bytes: Uint8Array, fileName: string): ShapeResults {
  const { version: _, ...data } = parseRecordedFile(recorded, bytes, fileName);
  return { ...data, rows: SHAPE_KEYS.flatMap((key) => data.rows.filter((row) => row.key === key).slice(0, 1)) };
}
