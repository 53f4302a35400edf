import * as z from 'zod/mini';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { type DeviceReport, PROTOCOL_VERSION, type RegimeSize } from '../engine/protocol.ts';
import { parseDocumentScores } from './document-scores.ts';
import { toFingerprint } from './fingerprint.ts';
import { type ResultStorage, STORAGE_PREFIX } from './platform.ts';
import type { ResultSource } from './results.ts';

/** Raise it when an engine gives other numbers for the same item: what older ones stored is then left alone. */
export const ENGINE_VERSION = 2;

const finite = z.number().check(z.refine(Number.isFinite));
const count = finite.check(z.minimum(0));
const outcome = z.object({
  isRight: z.boolean(),
  logLikelihood: z.number(),
  chosenPrompt: z.nullable(count),
  /** Against the dense model; only sweeps ask for it, and results of earlier visits may be without. */
  fidelity: z.exactOptional(z.object({ tokens: count, nll: count, klDivergence: count, sameTop: count })),
});
const timings = z.object({
  ttftMs: z.array(count),
  perTokenMs: z.array(count),
  routingMs: z.array(count),
  timerResolutionMs: count,
});
const size = z.object({
  storedBytes: count,
  runtimeBytes: count,
  sparsity: count,
  bitsPerWeight: count,
  extraParameters: count,
  repairParameters: count,
});
const device = z.object({
  device: z.string(),
  deviceKind: z.enum(['webgpu', 'wasm']),
  isSoftware: z.boolean(),
  date: z.string(),
});

/** What one regime did with one item. */
export type Outcome = z.infer<typeof outcome>;

/** Timed runs of one regime, in the order they ran. */
export type Timings = z.infer<typeof timings>;

/** Where results were made; the date is empty while there are none. */
export type StoredDevice = z.infer<typeof device>;

/** All finished results of one pack on one device with one engine. */
export interface ResultBook {
  device: StoredDevice;
  /** By regime id, then item id. */
  outcomes: Map<string, Map<string, Outcome>>;
  timings: Map<string, Timings>;
  sizes: Map<string, RegimeSize>;
  /** Answers to tasks, by regime id and the task's fingerprint (`toDocumentsKey`), then document id. */
  documents: Map<string, Map<string, DocumentScores>>;
}

/** Finished results, in memory and in the browser's storage; storage that fails costs only what comes after a reload. */
export interface ResultLibrary {
  /** Reads what earlier visits left; damaged entries are left out and counted. */
  read(): Promise<{ damaged: number }>;
  /** The results of a device; empty at first. */
  bookOf(report: DeviceReport): ResultBook;
  /** The book that was written to last, in this visit or an earlier one. */
  latest(): ResultBook | null;
  addOutcomes(book: ResultBook, regimeId: string, outcomes: ReadonlyMap<string, Outcome>, date: string): void;
  setTimings(book: ResultBook, regimeId: string, runs: Timings, date: string): void;
  setSize(book: ResultBook, regimeId: string, of: RegimeSize): void;
  /** Reads what earlier visits left of a task, given by its fingerprint; once, since nobody else writes meanwhile. */
  readDocuments(task: string): Promise<{ damaged: number }>;
  addDocuments(
    book: ResultBook,
    regimeId: string,
    task: string,
    scores: ReadonlyMap<string, DocumentScores>,
    date: string,
  ): void;
  /** Forgets all answers to a task, whatever gave them. */
  removeDocuments(task: string): void;
  /** Resolves once all that was added so far is stored, or was refused. */
  whenStored(): Promise<void>;
}

/** The results of a pack; `onRefused` is told, at most once, that the browser does not store them. */
export function createResultLibrary(
  storage: ResultStorage,
  manifest: PackManifest,
  onRefused: (error: unknown) => void,
): ResultLibrary {
  const pack = toPackFingerprint(manifest);
  const prefix = `${STORAGE_PREFIX}results/${pack}/`;
  /** Apart from the other results: thousands of answers are read when their task is asked for, not when the page opens. */
  const documentsPrefix = `${STORAGE_PREFIX}documents/${pack}/`;
  const books = new Map<string, ResultBook>();
  const readTasks = new Map<string, Promise<{ damaged: number }>>();
  let opened: Promise<unknown> = Promise.resolve();
  let stored: Promise<void> = Promise.resolve();
  let isRefused = false;

  function refuse(error: unknown): void {
    isRefused = true;
    onRefused(error);
  }

  function store(work: () => Promise<void>): void {
    stored = stored.then(() => (isRefused ? undefined : work())).catch(refuse);
  }

  function write(book: ResultBook, entries: readonly (readonly [string, unknown])[]): void {
    const id = toDeviceId(book.device);
    const keyed = new Map(entries.map(([key, value]) => [`${prefix}${id}/${key}`, value] as const));
    store(() => storage.write(keyed));
  }

  function touch(book: ResultBook, date: string): readonly [string, StoredDevice] {
    book.device = { ...book.device, date };
    return ['device', book.device];
  }

  function take(book: ResultBook, kind: string, rest: string, value: unknown): boolean {
    switch (kind) {
      case 'outcome': {
        const parsed = outcome.safeParse(value);
        const split = rest.indexOf('/');
        if (!parsed.success || split < 0) return false;
        const known = toOutcomes(book, decodeURIComponent(rest.slice(0, split)));
        const itemId = decodeURIComponent(rest.slice(split + 1));
        // What this visit scored meanwhile may hold more.
        if (!known.has(itemId)) known.set(itemId, parsed.data);
        return true;
      }
      case 'timings': {
        const parsed = timings.safeParse(value);
        // What this visit timed meanwhile is newer.
        const id = decodeURIComponent(rest);
        if (parsed.success && !book.timings.has(id)) book.timings.set(id, parsed.data);
        return parsed.success;
      }
      case 'size': {
        const parsed = size.safeParse(value);
        if (parsed.success) book.sizes.set(decodeURIComponent(rest), parsed.data);
        return parsed.success;
      }
      default:
        return false;
    }
  }

  function isTaken(book: ResultBook, kind: string, rest: string, value: unknown): boolean {
    try {
      return take(book, kind, rest, value);
    } catch {
      // A key that was not encoded by us.
      return false;
    }
  }

  async function readAll(from: string): Promise<ReadonlyMap<string, unknown>> {
    try {
      return await storage.readAll(from);
    } catch (error) {
      refuse(error);
      return new Map();
    }
  }

  async function readTask(task: string): Promise<{ damaged: number }> {
    const from = `${documentsPrefix}${task}/`;
    const [entries] = await Promise.all([readAll(from), opened]);
    let damaged = 0;
    for (const [key, value] of entries) {
      const [id = '', regimeId = '', documentId = ''] = key.slice(from.length).split('/').map(decodePart);
      const book = books.get(id);
      const scores = parseDocumentScores(value);
      if (book === undefined || scores === null) {
        damaged++;
        continue;
      }
      const known = toDocuments(book, regimeId, task);
      if (!known.has(documentId)) known.set(documentId, scores);
    }
    return { damaged };
  }

  async function readResults(): Promise<{ damaged: number }> {
    const entries = await readAll(prefix);
    let damaged = 0;
    for (const [key, value] of entries) {
      const [id = '', kind] = key.slice(prefix.length).split('/');
      const parsed = kind === 'device' ? device.safeParse(value) : null;
      if (parsed === null) continue;
      if (parsed.success && toDeviceId(parsed.data) === id) {
        const book = books.get(id) ?? createBook(parsed.data);
        if (book.device.date === '') book.device = parsed.data;
        books.set(id, book);
      } else damaged++;
    }
    for (const [key, value] of entries) {
      const [id = '', kind = '', ...rest] = key.slice(prefix.length).split('/');
      const book = books.get(id);
      if (kind === 'device') continue;
      if (book === undefined || !isTaken(book, kind, rest.join('/'), value)) damaged++;
    }
    return { damaged };
  }

  return {
    read: () => {
      const reading = readResults();
      opened = reading;
      return reading;
    },
    bookOf: (report) => {
      const described = toStoredDevice(report);
      const id = toDeviceId(described);
      const book = books.get(id) ?? createBook(described);
      books.set(id, book);
      return book;
    },
    latest: () =>
      [...books.values()]
        .filter(({ device: { date } }) => date !== '')
        .sort((a, b) => b.device.date.localeCompare(a.device.date))[0] ?? null,
    addOutcomes: (book, regimeId, outcomes, date) => {
      const known = toOutcomes(book, regimeId);
      for (const [itemId, of] of outcomes) known.set(itemId, of);
      const entries = [...outcomes].map(
        ([itemId, of]) => [`outcome/${toPart(regimeId)}/${toPart(itemId)}`, of] as const,
      );
      write(book, [touch(book, date), ...entries]);
    },
    setTimings: (book, regimeId, runs, date) => {
      book.timings.set(regimeId, runs);
      write(book, [touch(book, date), [`timings/${toPart(regimeId)}`, runs]]);
    },
    setSize: (book, regimeId, of) => {
      book.sizes.set(regimeId, of);
      write(book, [[`size/${toPart(regimeId)}`, of]]);
    },
    readDocuments: (task) => {
      const reading = readTasks.get(task) ?? readTask(task);
      readTasks.set(task, reading);
      return reading;
    },
    addDocuments: (book, regimeId, task, scores, date) => {
      const known = toDocuments(book, regimeId, task);
      for (const [documentId, of] of scores) known.set(documentId, of);
      const own = `${documentsPrefix}${task}/${toDeviceId(book.device)}/${toPart(regimeId)}/`;
      write(book, [touch(book, date)]);
      const entries = new Map([...scores].map(([documentId, of]) => [`${own}${toPart(documentId)}`, of]));
      store(() => storage.write(entries));
    },
    removeDocuments: (task) => {
      for (const book of books.values()) {
        for (const key of book.documents.keys()) if (key.endsWith(toDocumentsKey('', task))) book.documents.delete(key);
      }
      store(() => storage.removeAll(`${documentsPrefix}${task}/`));
    },
    whenStored: () => stored,
  };
}

/** Who made a set of results, as charts say it. */
export function toResultSource(book: ResultBook): ResultSource {
  return { kind: 'live', ...book.device };
}

/** A device in words, such as `WebGPU on nvidia ampere, onnxruntime-web 1.30.0 (jspi)`. */
export function toDeviceLabel({ kind, adapter, runtime }: DeviceReport): string {
  const build = `onnxruntime-web ${runtime.version}`;
  if (kind === 'wasm') return `CPU (wasm), ${build}`;
  const name = adapter === null ? '' : adapter.description || `${adapter.vendor} ${adapter.architecture}`.trim();
  return `WebGPU on ${name || 'an unnamed adapter'}, ${build} (${runtime.build})`;
}

function toStoredDevice(report: DeviceReport): StoredDevice {
  const isSoftware = report.kind === 'webgpu' && report.adapter?.isSoftware === true;
  return { device: toDeviceLabel(report), deviceKind: report.kind, isSoftware, date: '' };
}

function toDeviceId(stored: StoredDevice): string {
  return toFingerprint(JSON.stringify([stored.deviceKind, stored.device, ENGINE_VERSION, PROTOCOL_VERSION]));
}

/** Differs whenever a file of the pack differs that an answer depends on. */
export function toPackFingerprint(manifest: PackManifest): string {
  const files = manifest.files.filter(({ path }) => !path.startsWith('recorded/') && !path.startsWith('goldens/'));
  return `${manifest.id}-${toFingerprint(files.map(({ path, sha256 }) => `${path} ${sha256}`).join('\n'))}`;
}

/** A book without results. */
export function createBook(of: StoredDevice): ResultBook {
  return { device: of, outcomes: new Map(), timings: new Map(), sizes: new Map(), documents: new Map() };
}

/** Names the answers of a regime to a task, given by its fingerprint. */
export function toDocumentsKey(regimeId: string, task: string): string {
  return `${regimeId}\n${task}`;
}

function toDocuments(book: ResultBook, regimeId: string, task: string): Map<string, DocumentScores> {
  const key = toDocumentsKey(regimeId, task);
  const known = book.documents.get(key) ?? new Map<string, DocumentScores>();
  book.documents.set(key, known);
  return known;
}

function toOutcomes(book: ResultBook, regimeId: string): Map<string, Outcome> {
  const known = book.outcomes.get(regimeId) ?? new Map<string, Outcome>();
  book.outcomes.set(regimeId, known);
  return known;
}

/** Ids hold slashes; keys are split at them. */
function toPart(id: string): string {
  return encodeURIComponent(id);
}

/** The id of a part; empty, which no id is, for a part that was not encoded by us. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
