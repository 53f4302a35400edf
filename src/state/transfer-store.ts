import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toWireError } from '../core/errors.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import { runAccuracy } from './accuracy-run.ts';
import type { LiveEngine } from './engine-store.ts';
import { createEstimates } from './estimates.ts';
import { type PlannedItem, type PlannedUnit, planItems } from './evaluation-plan.ts';
import type { LivePack } from './pack-store.ts';
import { parseTransfer } from './parse-transfer.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import { toRepairedRegime } from './regimes.ts';
import { type ResultLibrary, toResultSource } from './result-book.ts';
import type { RunTurns } from './run-turns.ts';
import { type LiveCell, TRANSFER_KEY, type TransferPlace, type TransferState, toPlaceKey } from './transfer-state.ts';

export interface TransferStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: LivePack;
  library: () => ResultLibrary | null;
  turns: RunTurns;
  platform: Pick<Platform, 'now' | 'statistics'>;
}

/** One half of a cell: a twin, and the questions of the fold that it did not see. */
interface Half {
  unit: PlannedUnit;
  items: readonly PlannedItem[];
}

/** The transfer matrix: recorded, and cell by cell measured here. */
export function createTransferStore(options: TransferStoreOptions): StoreApi<TransferState> {
  const { engine, recipe, pack, turns, platform } = options;
  let running = new AbortController();
  let reading: Promise<void> | null = null;
  const estimates = createEstimates(platform.statistics);

  const store = createStore<TransferState>(() => ({
    recorded: { status: 'loading' },
    live: new Map(),
    load: () => {
      reading ??= read();
      return reading;
    },
    measure: (place, items) => {
      // A cell shows its own state.
      running = turns.begin({
        show: () => undefined,
        work: async (signal) => {
          await measure(place, items, signal);
          return { status: 'idle' };
        },
      });
    },
    stop: () => running.abort(),
  }));

  async function read(): Promise<void> {
    try {
      const manifest = await pack.whenRead();
      if (manifest.transfer === undefined) {
        store.setState({ recorded: { status: 'none' } });
        return;
      }
      const bytes = await pack.readListed(manifest.transfer);
      store.setState({ recorded: { status: 'ready', transfer: parseTransfer(bytes, manifest.transfer) } });
    } catch (error) {
      reading = null;
      store.setState({ recorded: { status: 'failed', error: toWireError(error) } });
    }
  }

  function show(place: TransferPlace, cell: LiveCell | null): void {
    const live = new Map(store.getState().live);
    if (cell === null) live.delete(toPlaceKey(place));
    else live.set(toPlaceKey(place), cell);
    store.setState({ live });
  }

  async function measure(place: TransferPlace, items: number, signal: AbortSignal): Promise<void> {
    const known = store.getState().live.get(toPlaceKey(place));
    const former = known?.status === 'done' ? known : null;
    try {
      const halves = toHalves(place, items);
      const library = options.library();
      if (library === null) throw new AppError('input-invalid', 'The pack is not read yet. Wait a moment.');
      const total = halves.reduce((sum, half) => sum + half.items.length, 0);
      let before = 0;
      show(place, { status: 'running', done: 0, total });
      for (const { unit, items: own } of halves) {
        const { refused } = await runAccuracy({
          engine,
          recipe,
          library,
          items: own,
          units: [unit],
          date: () => new Date(platform.now()).toISOString(),
          onProgress: ({ done }) => show(place, { status: 'running', done: before + done, total }),
          onOutcomes: () => undefined,
          signal,
        });
        if (refused !== null) throw new AppError(refused.code, refused.message, refused.details);
        before += own.length;
      }
      show(place, await toDone(halves, library));
    } catch (error) {
      show(place, signal.aborted ? former : { status: 'failed', error: toWireError(error) });
    }
  }

  /** Both twins with as many questions each; throws `input-invalid` where the pack lacks what the cell needs. */
  function toHalves(place: TransferPlace, items: number): Half[] {
    const manifest = pack.manifest();
    const { facts } = pack.store.getState();
    const to = manifest?.recipes.find(({ id }) => id === place.to);
    if (manifest === null || to === undefined || facts.status !== 'ready') {
      throw new AppError('input-invalid', 'The pack is not read yet. Wait a moment.');
    }
    const key = TRANSFER_KEY[place.type];
    return (['A', 'B'] as const).map((fold) => {
      const other = fold === 'A' ? 'B' : 'A';
      const repair = findRepair(manifest, place, fold);
      const regime = toRepairedRegime(key, to.recipe, repair.id);
      const planned = planItems(facts.facts, facts.relations, [other]).slice(0, Math.ceil(items / 2));
      return { unit: { key, fold, regime, isTransferred: place.from !== place.to }, items: planned };
    });
  }

  async function toDone(halves: readonly Half[], library: ResultLibrary): Promise<LiveCell> {
    const { engine: phase } = engine.store.getState();
    if (phase.status !== 'ready')
      throw new AppError('stopped', 'The device is being replaced. Measure the cell again.');
    const book = library.bookOf(phase.device);
    const answers = halves.flatMap(({ unit, items }) =>
      items.flatMap(({ id, fact }) => {
        const outcome = book.outcomes.get(unit.regime.id)?.get(id);
        return outcome === undefined ? [] : [{ subject: fact.subject, right: [outcome.isRight] }];
      }),
    );
    // A device that was replaced between the halves left one of them in its own book.
    const wanted = halves.reduce((sum, { items }) => sum + items.length, 0);
    const accuracy = answers.length < wanted ? null : await estimates.toAccuracy(answers, 'final');
    if (accuracy === null) throw new AppError('stopped', 'The device was replaced meanwhile. Measure the cell again.');
    return { status: 'done', accuracy, source: toResultSource(book) };
  }

  return store;
}

function findRepair(manifest: PackManifest, { type, from }: TransferPlace, fold: 'A' | 'B'): PackRepair {
  const name = `${type}-${fold.toLowerCase()}`;
  const repair = manifest.repairs.find((each) => each.recipeId === from && each.name === name);
  if (repair === undefined)
    throw new AppError('input-invalid', `The pack has no repair ${from}/${name}.`, { repair: name });
  return repair;
}
