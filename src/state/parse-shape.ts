import * as z from 'zod/mini';
import { SHAPE_KEYS } from '../core/shape/shape-regimes.ts';
import { duration, latency, parseRecordedFile, recordedSource, whole } from './recorded-fields.ts';
import { shapeLayers } from './shape-book.ts';
import type { ShapeResults } from './shape-state.ts';

const kernels = z.object({ prefillMs: duration, perTokenMs: duration, kernelsPerToken: whole });

const recorded = z.object({
  version: z.literal(1),
  source: recordedSource,
  numLayers: shapeLayers,
  rows: z.array(z.object({ key: z.enum(SHAPE_KEYS), latency, kernels: z.nullable(kernels) })),
  kernelGap: z.nullable(z.enum(['no-gpu', 'no-timestamps', 'stopped'])),
});

/** `recorded/shapes.json` of a pack, its rows in one order; throws `pack-invalid` naming the file and the first bad field. */
export function parseShape(bytes: Uint8Array, fileName: string): ShapeResults {
  const { version: _, ...data } = parseRecordedFile(recorded, bytes, fileName);
  return { ...data, rows: SHAPE_KEYS.flatMap((key) => data.rows.filter((row) => row.key === key).slice(0, 1)) };
}
