import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { createEstimates } from './estimates.ts';
import type { LiveEvaluation } from './evaluate-store.ts';
import { type PlannedItem, planItems, planUnits } from './evaluation-plan.ts';
import type { ImportPlace, KeptRun } from './imported-runs.ts';
import { toLinkedItems, toLinkedRun } from './linked-run.ts';
import type { FactsPhase, PackState } from './pack-state.ts';
import { type Platform, STORAGE_PREFIX } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import { createResultSets } from './result-sets.ts';
import {
  type FingerprintSource,
  type RunFingerprint,
  toRunFingerprint,
  toShortFingerprint,
} from './run-fingerprint.ts';
import type { RunSource } from './saved-run.ts';
import type { ImportedRun, SharedFile, ShareState } from './share-state.ts';
import type { TaskState } from './task-state.ts';
import { waitUntil } from './wait-until.ts';

export interface ShareStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: StoreApi<PackState>;
  board: StoreApi<BoardState>;
  evaluate: LiveEvaluation;
  tasks: StoreApi<TaskState>;
  library: () => ResultLibrary | null;
  platform: Pick<Platform, 'now' | 'results' | 'statistics'>;
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

const PREFIX = `${STORAGE_PREFIX}imported/`;

/** Most runs that are kept beside the live one; a page can hardly tell more of them apart. */
const MAX_IMPORTED = 20;

/** What leaves the page and what is brought to it. */
export function createShareStore(options: ShareStoreOptions): LiveShare {
  const { engine, recipe, pack, board, evaluate, platform } = options;
  let { linked } = options;
  const sets = createResultSets(createEstimates(platform.statistics));
  let planned: { facts: FactsPhase; items: readonly PlannedItem[] } | null = null;

  const store = createStore<ShareState>((set) => ({
    imported: [],
    problems: [],
    phase: { status: 'idle' },
    importFiles: async (files) => {
      set({ phase: { status: 'reading' }, problems: [] });
      try {
        return await importFiles(files);
      } catch (error) {
        set({ problems: [toWireError(error)] });
        return null;
      } finally {
        set({ phase: { status: 'idle' } });
      }
    },
    forgetProblems: () => set({ problems: [] }),
    remove: (id) => {
      set(({ imported }) => ({ imported: imported.filter((run) => run.id !== id) }));
      platform.results.removeAll(PREFIX + id).catch(options.onRefused);
    },
    linked: null,
    runLinked: () => void runLinked(),
    forgetLinked: () => {
      linked = null;
      set({ linked: null });
    },
    writeRun: () =>
      write('run', 'json', async (source) => {
        const [{ toRunFile }, { toSavedRun }] = await Promise.all([import('./run-file.ts'), import('./saved-run.ts')]);
        const run = toSavedRun(source);
        return run && new Blob([toRunFile(run)], { type: 'application/json' });
      }),
    writeHarness: () =>
      write('harness', 'zip', async (source, place, opened) => {
        const [{ zipHarness }, { toWholeRun }, { readAnsweredTasks }] = await Promise.all([
          import('./imported-runs.ts'),
          import('./saved-run.ts'),
          import('./answered-tasks.ts'),
        ]);
        await options.tasks.getState().load();
        const { tasks } = options.tasks.getState();
        const entries = tasks.status === 'ready' ? tasks.entries : [];
        const units = planUnits(REGIME_KEYS, source.recipe, source.manifest, source.textPrompt);
        return zipHarness(toWholeRun(source), place, await readAnsweredTasks(entries, units, opened, source.book));
      }),
    writeZip: (name, files) =>
      work(async () => {
        const { zipFiles } = await import('../engine/text-zip.ts');
        return { name, blob: await zipFiles(files) };
      }),
    digits: null,
  }));

  function toPlace(): ImportPlace | null {
    const { pack: phase, facts } = pack.getState();
    if (phase.status !== 'ready' || facts.status !== 'ready') return null;
    return { manifest: phase.manifest, facts: facts.facts, relations: facts.relations, sets };
  }

  async function importFiles(files: Parameters<ShareState['importFiles']>[0]): Promise<string | null> {
    const place = toPlace();
    if (place === null) throw new AppError('input-invalid', 'The pack is not read yet. Wait a moment and try again.');
    const { readImports } = await import('./imported-runs.ts');
    const { kept, problems } = await readImports(files, place);
    const before = store.getState().imported;
    const fresh = kept.filter(({ run }) => before.every(({ id }) => id !== run.id));
    const room = fresh.slice(0, MAX_IMPORTED - before.length);
    const full = new AppError(
      'limit-exceeded',
      `${fresh.length - room.length} runs found no room beside ${MAX_IMPORTED} imported ones. Remove some first.`,
    );
    keep(room);
    store.setState({
      imported: [...before, ...room.map(({ run }) => run)],
      problems: room.length < fresh.length ? [...problems, toWireError(full)] : problems,
    });
    return kept.at(-1)?.run.id ?? null;
  }

  function keep(runs: readonly KeptRun[]): void {
    const entries = runs.map(({ run: { id, fileName }, text }) => [PREFIX + id, { fileName, text }] as const);
    platform.results.write(new Map(entries)).catch(options.onRefused);
  }

  /** Brings back what earlier visits imported. */
  async function restore(): Promise<void> {
    const place = toPlace();
    if (place === null) return;
    const entries = await platform.results.readAll(PREFIX).catch(() => new Map<string, unknown>());
    const runs: ImportedRun[] = [];
    for (const stored of entries.values()) {
      try {
        const { restoreImport } = await import('./imported-runs.ts');
        runs.push(await restoreImport(stored, place));
      } catch (error) {
        options.onDamaged(toWireError(error).message);
      }
    }
    const known = new Set(runs.map(({ id }) => id));
    store.setState(({ imported }) => ({ imported: [...runs, ...imported.filter(({ id }) => !known.has(id))] }));
  }

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
    make: (source: RunSource, place: ImportPlace, opened: ResultLibrary) => Promise<Blob | null>,
  ): Promise<SharedFile | null> {
    return work(async () => {
      const place = toPlace();
      const source = toSource();
      const library = options.library();
      if (place === null || source === null || library === null || source.book === null) return null;
      const { book } = source;
      if (book.device.date === '') return null;
      const blob = await make({ ...source, book, textPrompt: board.getState().textPrompt }, place, library);
      return blob && { name: `${place.manifest.id}_${what}_${book.device.date.slice(0, 10)}.${extension}`, blob };
    });
  }

  /** The answers at hand, of the regimes in sight; null while the pack is read. */
  function toSource(): (FingerprintSource & Pick<ImportPlace, 'facts' | 'relations'>) | null {
    const place = toPlace();
    const library = options.library();
    if (place === null || library === null) return null;
    const { manifest, facts, relations } = place;
    const phase = pack.getState().facts;
    if (planned?.facts !== phase) planned = { facts: phase, items: planItems(facts, relations, ['A', 'B']) };
    const { recipe: wanted } = recipe.store.getState();
    const { shown, textPrompt } = board.getState();
    const { engine: enginePhase } = engine.store.getState();
    return {
      book: enginePhase.status === 'ready' ? library.bookOf(enginePhase.device) : library.latest(),
      manifest,
      facts,
      relations,
      recipe: wanted,
      recipeLabel: evaluate.store.getState().live?.recipeLabel ?? '',
      units: planUnits(shown, wanted, manifest, textPrompt),
      items: planned.items,
    };
  }

  function compare(): void {
    const source = toSource();
    if (source === null) return;
    const own = toRunFingerprint(source);
    store.setState({
      digits: own === null ? null : toShortFingerprint(own),
      linked: linked && toLinkedRun(linked, source),
    });
  }

  async function runLinked(): Promise<void> {
    if (linked === null) return;
    const { items, regimes } = toLinkedItems(linked);
    for (const key of regimes) board.getState().setShown(key, true);
    if (engine.store.getState().engine.status === 'off') engine.store.getState().runLive('auto');
    const isReady = await waitUntil([engine.store], new AbortController().signal, () => {
      const { status } = engine.store.getState().engine;
      return status === 'loading' || status === 'restarting' ? null : { isReady: status === 'ready' };
    });
    if (isReady.isReady) evaluate.store.getState().runAccuracy(items);
  }

  evaluate.store.subscribe((state, previous) => {
    if (state.live !== previous.live) compare();
  });
  board.subscribe((state, previous) => {
    if (state.shown !== previous.shown) compare();
  });
  recipe.store.subscribe((state, previous) => {
    if (state.recipe !== previous.recipe) compare();
  });
  pack.subscribe((state, previous) => {
    if (state.facts === previous.facts && state.pack === previous.pack) return;
    compare();
    if (state.facts.status === 'ready' && previous.facts.status !== 'ready') void restore();
  });

  return {
    store,
    linked: () => linked,
    fingerprint: () => {
      const source = toSource();
      return source && toRunFingerprint(source);
    },
    refresh: compare,
  };
}
