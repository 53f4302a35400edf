import * as z from 'zod/mini';
import type { DocumentScores } from '../core/harness/metrics.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { type DeviceReport, PROTOCOL_VERSION, type RegimeSize } from '../engine/protocol.ts';
import { createDocumentLibrary, type DocumentLibrary, type DocumentPlace } from './document-library.ts';
import { toFingerprint } from './fingerprint.ts';
import { type ResultStorage, STORAGE_PREFIX } from './platform.ts';
import type { ResultSource } from './results.ts';
import { type Timings, timings } from './timings.ts';

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
const size = z.object({
  storedBytes: count,
  runtimeBytes: count,
  sparsity: count,
  bitsPerWeight: count,
  extraParameters: count,
  repairParameters: count,
});
const preset = z.int().check(z.minimum(1));
/** A device as results keep it. */
export const storedDevice = z.object({
  device: z.string(),
  deviceKind: z.enum(['webgpu', 'wasm']),
  isSoftware: z.boolean(),
  date: z.string(),
});

/** What one regime did with one item. */
export type Outcome = z.infer<typeof outcome>;

/** Where results were made; the date is empty while there are none. */
export type StoredDevice = z.infer<typeof storedDevice>;

/** All finished results of one pack on one device with one engine. */
export interface ResultBook {
  device: StoredDevice;
  /** By regime id, then item id. */
  outcomes: Map<string, Map<string, Outcome>>;
  timings: Map<string, Timings>;
  sizes: Map<string, RegimeSize>;
  /** By `toRecipeKey`, of a task with its fingerprint before it: the items that comparisons wait for, set as runs began. */
  presets: Map<string, number>;
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
  /** Comparisons wait for so many items, or for more where a run before asked for more. */
  setPreset(book: ResultBook, key: string, items: number): void;
  /** Answers to the documents of tasks; what is new goes through `addDocuments`. */
  documents: Omit<DocumentLibrary, 'add'>;
  addDocuments(
    book: ResultBook,
    place: Omit<DocumentPlace, 'deviceId'>,
    scores: ReadonlyMap<string, DocumentScores>,
    date: string,
  ): void;
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
  const books = new Map<string, ResultBook>();
  let stored: Promise<void> = Promise.resolve();
  let isRefused = false;
  const documents = createDocumentLibrary(storage, pack, store, refuse);

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
      case 'preset': {
        const parsed = preset.safeParse(value);
        const [key = ''] = rest.split('/');
        if (parsed.success) raisePreset(book, decodeURIComponent(key), parsed.data);
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

  return {
    read: async () => {
      let entries: ReadonlyMap<string, unknown>;
      try {
        entries = await storage.readAll(prefix);
      } catch (error) {
        refuse(error);
        return { damaged: 0 };
      }
      let damaged = 0;
      for (const [key, value] of entries) {
        const [id = '', kind] = key.slice(prefix.length).split('/');
        const parsed = kind === 'device' ? storedDevice.safeParse(value) : null;
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
    setPreset: (book, key, items) => {
      if ((book.presets.get(key) ?? 0) >= items) return;
      raisePreset(book, key, items);
      // The device with it: a run may end before its first answer, and a book is known by its device.
      write(book, [
        ['device', book.device],
        // Each number under a key of its own: another tab, which knows only its own runs, must not put a lower one in its place.
        [`preset/${toPart(key)}/${items}`, items],
      ]);
    },
    documents,
    addDocuments: (book, place, scores, date) => {
      write(book, [touch(book, date)]);
      documents.add({ ...place, deviceId: toDeviceId(book.device) }, scores);
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

/** A device as results name it. */
export function toStoredDevice(report: DeviceReport): StoredDevice {
  const isSoftware = report.kind === 'webgpu' && report.adapter?.isSoftware === true;
  return { device: toDeviceLabel(report), deviceKind: report.kind, isSoftware, date: '' };
}

/** Names a device and an engine: results of the same id may stand beside each other. */
export function toDeviceId(stored: StoredDevice): string {
  return toFingerprint(JSON.stringify([stored.deviceKind, stored.device, ENGINE_VERSION, PROTOCOL_VERSION]));
}

/** Differs whenever a file of the pack differs that an answer depends on. */
export function toPackFingerprint(manifest: PackManifest): string {
  const files = manifest.files.filter(({ path }) => !path.startsWith('recorded/') && !path.startsWith('goldens/'));
  return `${manifest.id}-${toFingerprint(files.map(({ path, sha256 }) => `${path} ${sha256}`).join('\n'))}`;
}

/** A book without results. */
export function createBook(of: StoredDevice): ResultBook {
  return { device: of, outcomes: new Map(), timings: new Map(), sizes: new Map(), presets: new Map() };
}

function toOutcomes(book: ResultBook, regimeId: string): Map<string, Outcome> {
  const known = book.outcomes.get(regimeId) ?? new Map<string, Outcome>();
  book.outcomes.set(regimeId, known);
  return known;
}

/** A result that was waited for must not come earlier because a later run asks for less. */
function raisePreset(book: ResultBook, key: string, items: number): void {
  book.presets.set(key, Math.max(items, book.presets.get(key) ?? 0));
}

/** Ids hold slashes; keys are split at them. */
function toPart(id: string): string {
  return encodeURIComponent(id);
}
