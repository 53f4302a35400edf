import * as z from 'zod/mini';
import { AppError } from '../core/errors.ts';
import { MAX_FILE_BYTES } from '../core/eval/json-lines.ts';
import type { TaskFiles } from '../core/harness/task-files.ts';
import { quote } from '../core/json.ts';
import { sha256Hex } from '../engine/download.ts';
import { type GivenFile, readGivenFile } from './given-file.ts';
import { type Platform, STORAGE_PREFIX } from './platform.ts';
import { toTaskHash } from './task-hash.ts';
import type { TaskEntry } from './task-state.ts';

const PREFIX = `${STORAGE_PREFIX}tasks/`;

const bytes = z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array);
const named = z.object({ name: z.string(), bytes });
const stored = z.object({ documents: named, config: z.nullable(named) });

/** Files of a task as they are kept. */
type OwnFiles = z.infer<typeof stored>;

/** A task of a person's own with the files that it is kept as. */
export interface OwnTask {
  entry: TaskEntry;
  files: OwnFiles;
}

/** The tasks that a person brought, kept by the browser. */
export interface OwnTasks {
  /** Those of earlier visits; what cannot be read any more is left out and counted. */
  read(): Promise<{ entries: readonly TaskEntry[]; damaged: number }>;
  /** A task out of given files; rejects with `task-invalid` or `input-invalid` and says which file is wrong, and how. */
  parse(files: readonly GivenFile[]): Promise<OwnTask>;
  /** Rejects where the browser does not store it. */
  keep(task: OwnTask): Promise<void>;
  remove(id: string): Promise<void>;
}

export function createOwnTasks({ results, statistics }: Pick<Platform, 'results' | 'statistics'>): OwnTasks {
  async function toOwnTask(files: OwnFiles): Promise<OwnTask> {
    const { documents, config } = files;
    const hashes = [await sha256Hex(documents.bytes), ...(config === null ? [] : [await sha256Hex(config.bytes)])];
    const ofFiles = await toHex(hashes.join(' '));
    // Megabytes take a while to read, and this thread draws.
    const task = await statistics.compute('parseTaskFiles', files satisfies TaskFiles);
    const fingerprint = await toHex(toTaskHash(hashes, task));
    return { entry: { id: `own-${ofFiles.slice(0, 16)}`, isOwn: true, fingerprint, task }, files };
  }

  return {
    read: async () => {
      const kept = [...(await results.readAll(PREFIX)).values()];
      const read = await Promise.allSettled(kept.map(async (value) => (await toOwnTask(stored.parse(value))).entry));
      const entries = read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      return { entries, damaged: kept.length - entries.length };
    },
    parse: async (given) => toOwnTask(await readFiles(given)),
    keep: ({ entry, files }) => results.write(new Map([[`${PREFIX}${entry.id}`, files]])),
    remove: (id) => results.removeAll(`${PREFIX}${id}`),
  };
}

function toHex(text: string): Promise<string> {
  return sha256Hex(new TextEncoder().encode(text));
}

const HOW = 'Give one .jsonl file of documents, with or without a .json task file.';

/** The bytes of documents and, where one came along, of their task file. */
async function readFiles(given: readonly GivenFile[]): Promise<OwnFiles> {
  const configs = given.filter(({ path }) => /\.json$/i.test(path));
  const documents = given.filter(({ path }) => /\.(jsonl|ndjson)$/i.test(path));
  const other = given.find((file) => !configs.includes(file) && !documents.includes(file));
  if (other !== undefined) {
    const what = other.path.endsWith('/') ? 'a folder' : 'no .jsonl file and no .json file';
    refuse(`${quote(other.path)} is ${what}`, other.path);
  }
  const [file, config] = [documents[0], configs[0]];
  if (file === undefined) return refuse('No file of documents came along', `${given.length} files`);
  if (documents.length > 1) refuse('More than one file of documents came at once', `${documents.length} .jsonl files`);
  if (configs.length > 1) refuse('More than one task file came at once', `${configs.length} .json files`);
  return { documents: await readFile(file), config: config === undefined ? null : await readFile(config) };
}

async function readFile(file: GivenFile): Promise<OwnFiles['documents']> {
  return { name: file.path, bytes: await readGivenFile(file, MAX_FILE_BYTES) };
}

function refuse(what: string, observed: string): never {
  throw new AppError('input-invalid', `${what}. ${HOW}`, {
    field: 'files',
    observed,
    allowed: '1 .jsonl, 0 or 1 .json',
  });
}
