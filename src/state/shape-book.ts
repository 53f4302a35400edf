import * as z from 'zod/mini';
import { SMOLLM2_135M } from '../core/checkpoint/smollm2.ts';
import { SHAPE_KEYS } from '../core/shape/shape-regimes.ts';
import { type DeviceReport, PROTOCOL_VERSION } from '../engine/protocol.ts';
import { toFingerprint } from './fingerprint.ts';
import { type ResultStorage, STORAGE_PREFIX } from './platform.ts';
import { storedDevice, toStoredDevice } from './result-book.ts';
import { timings } from './timings.ts';

const count = z.number().check(z.refine(Number.isFinite), z.minimum(0));
const kernels = z.object({ prefillMs: z.array(count), perTokenMs: z.array(count), kernelsPerToken: count });
/** What is laid out to size a shape: no more layers than the model has. */
export const shapeLayers = z.int().check(z.minimum(1), z.maximum(SMOLLM2_135M.numLayers));

const shape = z.object({
  device: storedDevice,
  hasTimestamps: z.boolean(),
  numLayers: shapeLayers,
  rows: z.array(z.object({ key: z.enum(SHAPE_KEYS), timings, kernels: z.nullable(kernels) })),
});

/** Timed runs of a shape on one device; those of the same device that come later take their place. */
export type StoredShape = z.infer<typeof shape>;

/** Shapes belong to no pack, so they lie beside the packs' results. */
export interface ShapeBook {
  /** Reads what earlier visits left; damaged entries are left out and counted. */
  read(): Promise<{ damaged: number }>;
  /** What was timed on a device, or without one the last of all; null where nothing was. */
  find(report: DeviceReport | null): StoredShape | null;
  set(of: StoredShape): void;
}

const PREFIX = `${STORAGE_PREFIX}shapes/`;

/** `onRefused` is told that the browser does not store results. */
export function createShapeBook(storage: ResultStorage, onRefused: () => void): ShapeBook {
  const known = new Map<string, StoredShape>();
  return {
    read: async () => {
      let damaged = 0;
      try {
        for (const [key, value] of await storage.readAll(PREFIX)) {
          const parsed = shape.safeParse(value);
          const id = key.slice(PREFIX.length);
          if (!parsed.success) damaged++;
          // What this visit timed meanwhile is newer.
          else if (toId(parsed.data.device) === id && !known.has(id)) known.set(id, parsed.data);
        }
      } catch {
        onRefused();
      }
      return { damaged };
    },
    find: (report) => {
      if (report !== null) return known.get(toId(toStoredDevice(report))) ?? null;
      return [...known.values()].sort((a, b) => b.device.date.localeCompare(a.device.date))[0] ?? null;
    },
    set: (of) => {
      const id = toId(of.device);
      known.set(id, of);
      void storage.write(new Map([[PREFIX + id, of]])).catch(onRefused);
    },
  };
}

/** Times of another engine are other times: they are left alone. */
function toId({ device, deviceKind }: Pick<StoredShape['device'], 'device' | 'deviceKind'>): string {
  return toFingerprint(JSON.stringify([deviceKind, device, PROTOCOL_VERSION]));
}
