import * as z from 'zod/mini';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { type ResultStorage, STORAGE_PREFIX } from './platform.ts';

const scores = z
  .object({ logLikelihoods: z.array(z.number()), isGreedy: z.array(z.boolean()) })
  .check(z.refine(({ logLikelihoods, isGreedy }) => logLikelihoods.length === isGreedy.length));

/** Whose answers: a regime on a device (the id of its result book) to a task, given by its fingerprint. */
export interface DocumentPlace {
  deviceId: string;
  regimeId: string;
  task: string;
}

/** Answers to the documents of tasks, in memory and in the browser's storage. */
export interface DocumentLibrary {
  /** Reads what earlier visits left of a task, once; what is damaged is left out and counted. */
  read(task: string): Promise<{ damaged: number }>;
  /** Scores by document id; empty at first. */
  at(place: DocumentPlace): ReadonlyMap<string, DocumentScores>;
  add(place: DocumentPlace, added: ReadonlyMap<string, DocumentScores>): void;
  /** Forgets all answers to a task, whatever gave them. */
  remove(task: string): void;
}

/**
 * The answers to the tasks of a pack, given by its fingerprint. They lie apart from the other results: thousands are read when their
 * task is asked for, not when the page opens. `store` does work on the storage in its turn, and tells where it is refused.
 */
export function createDocumentLibrary(
  storage: ResultStorage,
  pack: string,
  store: (work: () => Promise<void>) => void,
  onRefused: (error: unknown) => void,
): DocumentLibrary {
  const prefix = `${STORAGE_PREFIX}documents/${pack}/`;
  const kept = new Map<string, Map<string, DocumentScores>>();
  const readings = new Map<string, Promise<{ damaged: number }>>();

  function toKnown(place: string): Map<string, DocumentScores> {
    const known = kept.get(place) ?? new Map<string, DocumentScores>();
    kept.set(place, known);
    return known;
  }

  async function read(task: string): Promise<{ damaged: number }> {
    let entries: ReadonlyMap<string, unknown>;
    try {
      entries = await storage.readAll(`${prefix}${task}/`);
    } catch (error) {
      onRefused(error);
      return { damaged: 0 };
    }
    let damaged = 0;
    for (const [key, value] of entries) {
      const end = key.lastIndexOf('/') + 1;
      const parsed = scores.safeParse(value);
      const id = decodePart(key.slice(end));
      if (!parsed.success || id === null) {
        damaged++;
        continue;
      }
      const known = toKnown(key.slice(prefix.length, end));
      // What this visit scored meanwhile is the same.
      if (!known.has(id)) known.set(id, parsed.data);
    }
    return { damaged };
  }

  return {
    read: (task) => {
      const reading = readings.get(task) ?? read(task);
      readings.set(task, reading);
      return reading;
    },
    at: (place) => kept.get(toKey(place)) ?? NONE,
    add: (place, added) => {
      const key = toKey(place);
      const known = toKnown(key);
      for (const [id, of] of added) known.set(id, of);
      const entries = new Map([...added].map(([id, of]) => [`${prefix}${key}${encodeURIComponent(id)}`, of]));
      store(() => storage.write(entries));
    },
    remove: (task) => {
      for (const key of kept.keys()) if (key.startsWith(`${task}/`)) kept.delete(key);
      store(() => storage.removeAll(`${prefix}${task}/`));
    },
  };
}

const NONE: ReadonlyMap<string, DocumentScores> = new Map();

/** Task first, so that all of a task can be read and removed at once. Ids hold slashes; keys are split at them. */
function toKey({ deviceId, regimeId, task }: DocumentPlace): string {
  return `${task}/${deviceId}/${encodeURIComponent(regimeId)}/`;
}

/** The id of an encoded part; null where it was not encoded by us. */
function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
