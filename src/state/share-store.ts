import { createStore, type StoreApi } from 'zustand/vanilla';
import { toAppError, toWireError } from '../core/errors.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { orStopped, turnEventLoop } from '../engine/stopping.ts';
import type { BoardState } from './board-state.ts';
import { isStopped } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { LiveEvaluation } from './evaluate-store.ts';
import { planUnits } from './evaluation-plan.ts';
import { createImports } from './imports.ts';
import { createLinkedRun } from './linked-run.ts';
import type { PackState } from './pack-state.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import { type RunFingerprint, toRunFingerprint, toShortFingerprint } from './run-fingerprint.ts';
import type { RunSource } from './saved-run.ts';
import { createShareSource } from './share-source.ts';
import type { ImportedRun, SharedFile, ShareState } from './share-state.ts';
import { findShownRun } from './shown-run.ts';
import type { TaskEntry, TaskState } from './task-state.ts';
import type { ResultView, ViewState } from './view-state.ts';
import type { WrittenWords } from './written-words.ts';

export interface ShareStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  readListed: LivePack['readListed'];
  board: StoreApi<BoardState>;
  evaluate: LiveEvaluation;
  tasks: StoreApi<TaskState>;
  view: StoreApi<ViewState>;
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'results' | 'runs' | 'statistics'>;
  /** Of the link that the page was opened by, in this visit or an earlier one. */
  linked: RunFingerprint | null;
  /** Told, at most once, that the browser does not keep imported runs. */
  onRefused: () => void;
  onDamaged: (text: string) => void;
}

export interface LiveShare {
  store: StoreApi<ShareState>;
  /** The run of the link; null once it was put away. */
  linked(): RunFingerprint | null;
  /** Of the answers at hand; null without any. */
  fingerprint(): RunFingerprint | null;
  /** Holds the run of the link against the answers anew, such as after stored ones were read. */
  refresh(): void;
}

/** What leaves the page and what is brought to it. */
export function createShareStore(options: ShareStoreOptions): LiveShare {
  const { recipe, pack, board, evaluate, tasks, view } = options;
  const source = createShareSource(options);
  const linked = createLinkedRun({ ...options, source, onRead: compare });
  const imports = createImports({
    ...options,
    place: source.place,
    tasks: () => readTasks().catch(() => []),
    imported: () => store.getState().imported,
    show: (imported) => store.setState({ imported }),
  });

  /** Of the words that the model writes for a file, and those that it wrote. */
  let writing = new AbortController();
  const words: WrittenWords = new Map();
  /** Of whatever is being read now. */
  let reading = new AbortController();
  let numReading = 0;
  /** The results that were wanted before imported ones. */
  let wantedBefore: ResultView = 'live';

  const store: StoreApi<ShareState> = createStore<ShareState>((set) => ({
    imported: [],
    problems: [],
    phase: { status: 'idle' },
    importFiles: async (files) => {
      const { problems: before } = store.getState();
      set({ problems: [] });
      try {
        const taken = await readUntilStopped((signal) => imports.take(files, signal));
        set({ problems: taken?.problems ?? before });
        return taken?.lastId ?? null;
      } catch (error) {
        set({ problems: [toWireError(error)] });
        return null;
      }
    },
    stopReading: () => {
      reading.abort();
      reading = new AbortController();
      // What the charts draw instead is also what is wanted now, so that the run is read when it is chosen again.
      if (view.getState().results === 'imported' && toShown()?.results === null)
        view.getState().setResults(wantedBefore);
    },
    forgetProblems: () => set({ problems: [] }),
    readImported: (ids) => readRuns(ids ?? store.getState().imported.map(({ id }) => id)),
    remove: imports.remove,
    linked: null,
    runLinked: (part) => void linked.run(part),
    forgetLinked: () => {
      linked.forget();
      set({ linked: null });
    },
    writeRun: () =>
      write('run', 'json', async (answers, opened) => {
        const [{ toRunPieces }, { toSavedRun }, { readSavedTasks }] = await Promise.all([
          import('./run-file.ts'),
          import('./saved-run.ts'),
          import('./answered-tasks.ts'),
        ]);
        const { recipe: wanted, manifest, textPrompt, book } = answers;
        const units = planUnits(REGIME_KEYS, wanted, manifest, textPrompt);
        const answered = await readSavedTasks(await readTasks(), units, opened, book, wanted);
        const run = await toSavedRun(answers, answered);
        const pieces: string[] = [];
        for (const piece of run === null ? [] : toRunPieces(run)) {
          pieces.push(piece);
          await turnEventLoop();
        }
        return run && new Blob(pieces, { type: 'application/json' });
      }),
    writeHarness: () =>
      write('harness', 'zip', async (answers, opened) => {
        writing = new AbortController();
        const { signal } = writing;
        const { zipHarness } = await import('./zip-harness.ts');
        const onProgress = (progress: { done: number; total: number }) => {
          const isAsking = progress.done < progress.total;
          if (!signal.aborted) {
            store.setState({ phase: isAsking ? { status: 'asking', ...progress } : { status: 'writing' } });
          }
        };
        const asked = { ...options, answers, library: opened, tasks: await readTasks(), words };
        return zipHarness({ ...asked, onProgress, signal });
      }),
    stopWriting: () => writing.abort(),
    writeZip: (name, files) =>
      work(async () => {
        const { zipFiles } = await import('../engine/text-zip.ts');
        return { name, blob: await zipFiles(files) };
      }),
    digits: null,
  }));

  /** Rejects where they cannot be read: a file without the answers to them would not say so. */
  async function readTasks(): Promise<readonly TaskEntry[]> {
    await tasks.getState().load();
    const { tasks: phase } = tasks.getState();
    if (phase.status === 'failed') throw toAppError(phase.error);
    return phase.status === 'ready' ? phase.entries : [];
  }

  /** The file that some work makes; null where it failed. */
  async function work(make: () => Promise<SharedFile | null>): Promise<SharedFile | null> {
    store.setState({ phase: { status: 'writing' } });
    try {
      const made = await make();
      store.setState({ phase: { status: 'idle' } });
      return made;
    } catch (error) {
      store.setState({ phase: isEnded(error) ? { status: 'idle' } : { status: 'failed', error: toWireError(error) } });
      return null;
    }
  }

  /** Whether a person ended it. */
  function isEnded(error: unknown): boolean {
    return writing.signal.aborted && isStopped(error);
  }

  /** A file of what was measured here; null where that is nothing. */
  function write(
    what: string,
    extension: string,
    make: (answers: RunSource, opened: ResultLibrary) => Promise<Blob | null>,
  ): Promise<SharedFile | null> {
    return work(async () => {
      const answers = source.facts(board.getState().shown);
      const library = options.library();
      if (library === null || answers?.book == null) return null;
      const { book, manifest } = answers;
      if (book.device.date === '') return null;
      const blob = await make({ ...answers, book }, library);
      return blob && { name: `${manifest.id}_${what}_${book.device.date.slice(0, 10)}.${extension}`, blob };
    });
  }

  /** Of the answers at hand, of the regimes in sight; to the chosen task too once its tab was opened. */
  function toOwn(): RunFingerprint | null {
    const answers = source.facts(board.getState().shown);
    const { live, choice } = tasks.getState();
    return answers && toRunFingerprint(answers, live && source.task(answers, live.entry, choice.seed));
  }

  function compare(): void {
    if (source.place() === null || options.library() === null) return;
    const own = toOwn();
    store.setState({ digits: own && toShortFingerprint(own), linked: linked.compare() });
  }

  /** The figures of an imported run are read once charts are to draw it. */
  function readShown(): void {
    const shown = toShown();
    if (view.getState().results === 'imported' && shown !== null) void readRuns([shown.id]);
  }

  function toShown(): ImportedRun | null {
    return findShownRun(store.getState().imported, view.getState().importedId);
  }

  /** False where it was stopped. */
  async function readRuns(ids: readonly string[]): Promise<boolean> {
    const { imported } = store.getState();
    if (imported.every(({ id, results }) => results !== null || !ids.includes(id))) return true;
    const read = await readUntilStopped(async (signal) => {
      await imports.read(ids, signal);
      return true;
    });
    return read !== null;
  }

  /** What some reading gives; null once it was stopped, and nothing comes of it after that. */
  async function readUntilStopped<T>(read: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    const { signal } = reading;
    numReading++;
    store.setState({ phase: { status: 'reading' } });
    try {
      return await orStopped(read(signal), signal);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      numReading--;
      if (numReading === 0) store.setState({ phase: { status: 'idle' } });
    }
  }

  view.subscribe((state, previous) => {
    if (previous.results !== 'imported') wantedBefore = previous.results;
    if (state.results !== previous.results || state.importedId !== previous.importedId) readShown();
  });
  evaluate.store.subscribe((state, previous) => {
    if (state.live !== previous.live) compare();
  });
  board.subscribe((state, previous) => {
    if (state.shown !== previous.shown || state.textPrompt !== previous.textPrompt) compare();
  });
  tasks.subscribe((state, previous) => {
    if (state.live !== previous.live || state.tasks !== previous.tasks || state.choice !== previous.choice) compare();
  });
  recipe.store.subscribe((state, previous) => {
    if (state.recipe !== previous.recipe) compare();
  });
  pack.subscribe((state, previous) => {
    if (state.facts === previous.facts && state.pack === previous.pack) return;
    compare();
    if (state.facts.status === 'ready' && previous.facts.status !== 'ready') void imports.restore().then(readShown);
  });

  return {
    store,
    linked: linked.fingerprint,
    fingerprint: toOwn,
    refresh: () => {
      compare();
      void linked.readTask();
    },
  };
}
