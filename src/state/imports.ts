import * as z from 'zod/mini';
import { AppError, toWireError, type WireError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { stopIfAborted } from '../engine/stopping.ts';
import { parseAboutRun, toListedRun } from './about-run.ts';
import { type GivenFile, type ReadFile, readGivenFiles } from './given-file.ts';
import type { KeptRun, ReadImports } from './imported-runs.ts';
import { type Platform, STORAGE_PREFIX } from './platform.ts';
import type { RunPlace } from './saved-run.ts';
import type { ImportedRun } from './share-state.ts';
import type { TaskEntry } from './task-state.ts';

/** What is told of a run by its id, and, under a name of its own, its file: that is read when somebody looks at the run. */
const ABOUT_PREFIX = `${STORAGE_PREFIX}imported/`;
const FILE_PREFIX = `${STORAGE_PREFIX}imported-files/`;

/** Most files at once, and most bytes of one: a zip of everything has a file or two per regime. */
const LIMITS = { maxFiles: 100, maxBytes: 64 * 1024 * 1024 };

/** Most runs that are kept beside the live one; a page can hardly tell more of them apart. */
const MAX_IMPORTED = 20;

/** As earlier versions kept a run. */
const wholeRun = z.object({ fileName: z.string(), text: z.string() });
const keptBytes = z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array);

export interface ImportsOptions {
  platform: Pick<Platform, 'results' | 'runs'>;
  /** Null while the pack is read. */
  place: () => RunPlace | null;
  /** The tasks of the pack and a person's own, read where they are not yet; none where they cannot be. */
  tasks: () => Promise<readonly TaskEntry[]>;
  imported: () => readonly ImportedRun[];
  show: (imported: readonly ImportedRun[]) => void;
  /** Told that the browser does not keep imported runs. */
  onRefused: () => void;
  /** Told what of earlier visits cannot be had any more. */
  onDamaged: (text: string) => void;
}

/** The runs that were brought, in this visit or an earlier one. */
export interface Imports {
  /** Takes the runs in some files in; what is wrong with which file comes back, and the id of the last run that came. Nothing is taken once the signal is aborted. */
  take(
    files: readonly GivenFile[],
    signal: AbortSignal,
  ): Promise<{ lastId: string | null; problems: readonly WireError[] }>;
  /** Lists what earlier visits left. */
  restore(): Promise<void>;
  /** Reads the figures of listed runs that have none yet; rejects with `stopped` once the signal is aborted. */
  read(ids: readonly string[], signal: AbortSignal): Promise<void>;
  remove(id: string): void;
}

export function createImports(options: ImportsOptions): Imports {
  const { platform, place, imported, show, onRefused, onDamaged } = options;
  const { results: storage, runs } = platform;
  const readings = new Map<string, { done: Promise<void>; signal: AbortSignal }>();

  /** Takes in what was read, as far as there is room; what is there already stays as it is. */
  function keep(kept: readonly KeptRun[], manifest: PackManifest): readonly WireError[] {
    const before = imported();
    const fresh = kept.filter(({ id }) => before.every((run) => run.id !== id));
    const room = fresh.slice(0, MAX_IMPORTED - before.length);
    const entries = room.flatMap(({ id, about, bytes }): [string, unknown][] => [
      [FILE_PREFIX + id, bytes],
      [ABOUT_PREFIX + id, about],
    ]);
    storage.write(new Map(entries)).catch(onRefused);
    const toShown = ({ id, about, results, answers, taskAnswers }: KeptRun): ImportedRun => {
      return { ...toListedRun(id, about, manifest), results, answers, taskAnswers };
    };
    show([...before, ...room.map(toShown)]);
    if (room.length === fresh.length) return [];
    const message = `${fresh.length - room.length} runs found no room beside ${MAX_IMPORTED} imported ones. Remove some first.`;
    return [toWireError(new AppError('limit-exceeded', message))];
  }

  /** Leaves out runs whose answers do not fit the tasks that they are of; a task that is not here may come later. */
  async function check(kept: readonly KeptRun[]): Promise<ReadImports> {
    if (kept.every(({ about }) => about.tasks.length === 0)) return { kept, problems: [] };
    const [entries, { checkImportedTask }] = await Promise.all([options.tasks(), import('./imported-tasks.ts')]);
    const fitting: KeptRun[] = [];
    const problems: WireError[] = [];
    for (const run of kept) {
      try {
        for (const entry of entries) checkImportedTask(run.taskAnswers, entry, run.about.fileName);
        fitting.push(run);
      } catch (error) {
        problems.push(toWireError(error));
      }
    }
    return { kept: fitting, problems };
  }

  async function readRun({ id, fileName }: ImportedRun, signal: AbortSignal): Promise<void> {
    const at = place();
    if (at === null) return;
    try {
      const stored = (await storage.readAll(FILE_PREFIX + id)).get(FILE_PREFIX + id);
      const bytes = keptBytes.safeParse(stored);
      if (!bytes.success)
        throw new AppError('input-invalid', `${quote(fileName)} is not kept here any more. Bring it again.`);
      const { kept, problems } = await runs.read([{ path: fileName, bytes: bytes.data }], at, signal);
      stopIfAborted(signal);
      const [read] = kept;
      if (read === undefined) onDamaged(problems[0]?.message ?? '');
      else {
        const { results, answers, taskAnswers } = read;
        show(imported().map((run) => (run.id === id ? { ...run, results, answers, taskAnswers } : run)));
      }
    } catch (error) {
      stopIfAborted(signal);
      onDamaged(toWireError(error).message);
    }
  }

  function list(id: string, value: unknown, manifest: PackManifest): readonly ImportedRun[] {
    try {
      return [toListedRun(id, parseAboutRun(value, manifest), manifest)];
    } catch (error) {
      onDamaged(toWireError(error).message);
      return [];
    }
  }

  /** Keeps runs of earlier versions as those of this one are. */
  async function takeOld(old: readonly ReadFile[], at: RunPlace): Promise<void> {
    try {
      const { kept, problems } = await runs.read(old, at);
      for (const { message } of problems) onDamaged(message);
      keep(kept, at.manifest);
    } catch (error) {
      onDamaged(toWireError(error).message);
    }
  }

  return {
    take: async (files, signal) => {
      const at = place();
      if (at === null) throw new AppError('input-invalid', 'The pack is not read yet. Wait a moment and try again.');
      const given = await readGivenFiles(files, LIMITS);
      stopIfAborted(signal);
      const { kept: read, problems } = await runs.read(given.read, at, signal);
      const { kept, problems: unfitting } = await check(read);
      stopIfAborted(signal);
      const unkept = keep(kept, at.manifest);
      const found = [...given.problems, ...problems, ...unfitting, ...unkept];
      return { lastId: kept.at(-1)?.id ?? null, problems: found };
    },
    restore: async () => {
      const at = place();
      if (at === null) return;
      const entries = await storage.readAll(ABOUT_PREFIX).catch(() => new Map<string, unknown>());
      const old: ReadFile[] = [];
      const listed = [...entries].flatMap(([key, value]) => {
        const whole = wholeRun.safeParse(value);
        if (!whole.success) return list(key.slice(ABOUT_PREFIX.length), value, at.manifest);
        old.push({ path: whole.data.fileName, bytes: new TextEncoder().encode(whole.data.text) });
        return [];
      });
      const known = new Set(listed.map(({ id }) => id));
      show([...listed, ...imported().filter(({ id }) => !known.has(id))]);
      if (old.length > 0) await takeOld(old, at);
    },
    read: async (ids, signal) => {
      for (const run of imported()) {
        if (run.results !== null || !ids.includes(run.id)) continue;
        const begun = readings.get(run.id);
        // One that was stopped gives nothing any more.
        const reading = begun?.signal.aborted === false ? begun : { done: readRun(run, signal), signal };
        readings.set(run.id, reading);
        await reading.done.finally(() => {
          if (readings.get(run.id) === reading) readings.delete(run.id);
        });
      }
    },
    remove: (id) => {
      show(imported().filter((run) => run.id !== id));
      Promise.all([storage.removeAll(ABOUT_PREFIX + id), storage.removeAll(FILE_PREFIX + id)]).catch(onRefused);
    },
  };
}
