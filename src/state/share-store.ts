import { createStore, type StoreApi } from 'zustand/vanilla';
import { toWireError } from '../core/errors.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import type { LiveEvaluation } from './evaluate-store.ts';
import { planUnits } from './evaluation-plan.ts';
import { createImports } from './imports.ts';
import { createLinkedRun } from './linked-run.ts';
import type { PackState } from './pack-state.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import { type RunFingerprint, toRunFingerprint, toShortFingerprint } from './run-fingerprint.ts';
import type { RunSource } from './saved-run.ts';
import { createShareSource } from './share-source.ts';
import type { SharedFile, ShareState } from './share-state.ts';
import type { TaskState } from './task-state.ts';
import type { ViewState } from './view-state.ts';

export interface ShareStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  board: StoreApi<BoardState>;
  evaluate: LiveEvaluation;
  tasks: StoreApi<TaskState>;
  view: StoreApi<ViewState>;
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'results' | 'runs'>;
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
    imported: () => store.getState().imported,
    show: (imported) => store.setState({ imported }),
  });

  const store: StoreApi<ShareState> = createStore<ShareState>((set) => ({
    imported: [],
    problems: [],
    phase: { status: 'idle' },
    importFiles: async (files) => {
      set({ phase: { status: 'reading' }, problems: [] });
      try {
        const { lastId, problems } = await imports.take(files);
        set({ problems });
        return lastId;
      } catch (error) {
        set({ problems: [toWireError(error)] });
        return null;
      } finally {
        set({ phase: { status: 'idle' } });
      }
    },
    forgetProblems: () => set({ problems: [] }),
    readImported: () => readRuns(store.getState().imported.map(({ id }) => id)),
    remove: imports.remove,
    linked: null,
    runLinked: (part) => void linked.run(part),
    forgetLinked: () => {
      linked.forget();
      set({ linked: null });
    },
    writeRun: () =>
      write('run', 'json', async (answers) => {
        const [{ toRunPieces }, { toSavedRun }] = await Promise.all([
          import('./run-file.ts'),
          import('./saved-run.ts'),
        ]);
        const run = await toSavedRun(answers);
        const pieces: string[] = [];
        for (const piece of run === null ? [] : toRunPieces(run)) {
          pieces.push(piece);
          await turnEventLoop();
        }
        return run && new Blob(pieces, { type: 'application/json' });
      }),
    writeHarness: () =>
      write('harness', 'zip', async (answers, opened) => {
        const [{ zipHarness }, { toWholeRun }, { readAnsweredTasks }] = await Promise.all([
          import('./zip-harness.ts'),
          import('./saved-run.ts'),
          import('./answered-tasks.ts'),
        ]);
        await tasks.getState().load();
        const { tasks: phase } = tasks.getState();
        const entries = phase.status === 'ready' ? phase.entries : [];
        const { recipe: wanted, manifest, textPrompt, book } = answers;
        const units = planUnits(REGIME_KEYS, wanted, manifest, textPrompt);
        const further = await readAnsweredTasks(entries, units, opened, book);
        return zipHarness(await toWholeRun(answers), answers, further);
      }),
    writeZip: (name, files) =>
      work(async () => {
        const { zipFiles } = await import('../engine/text-zip.ts');
        return { name, blob: await zipFiles(files) };
      }),
    digits: null,
  }));

  /** The file that some work makes; null where it failed. */
  async function work(make: () => Promise<SharedFile | null>): Promise<SharedFile | null> {
    store.setState({ phase: { status: 'writing' } });
    try {
      const made = await make();
      store.setState({ phase: { status: 'idle' } });
      return made;
    } catch (error) {
      store.setState({ phase: { status: 'failed', error: toWireError(error) } });
      return null;
    }
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
    const { results, importedId } = view.getState();
    const { imported } = store.getState();
    const shown = imported.find(({ id }) => id === importedId) ?? imported.at(-1);
    if (results === 'imported' && shown !== undefined) void readRuns([shown.id]);
  }

  async function readRuns(ids: readonly string[]): Promise<void> {
    const { imported } = store.getState();
    if (imported.every(({ id, results }) => results !== null || !ids.includes(id))) return;
    store.setState({ phase: { status: 'reading' } });
    await imports.read(ids);
    store.setState({ phase: { status: 'idle' } });
  }

  view.subscribe((state, previous) => {
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
