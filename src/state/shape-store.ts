import { createStore, type StoreApi } from 'zustand/vanilla';
import { toWireError } from '../core/errors.ts';
import { SHAPES_ID } from '../core/pack/manifest.ts';
import type { BoardState } from './board-state.ts';
import type { LiveEngine } from './engine-store.ts';
import { createEstimates, MIN_RUNS, type Precision } from './estimates.ts';
import type { LivePack } from './pack-store.ts';
import { parseShape } from './parse-shape.ts';
import type { Platform } from './platform.ts';
import type { RecipeState } from './recipe-state.ts';
import { createRedraw } from './redraw.ts';
import type { RunTurns } from './run-turns.ts';
import { createShapeBook } from './shape-book.ts';
import { toShapeResults } from './shape-figures.ts';
import { defaultLayers } from './shape-layers.ts';
import { runShape } from './shape-run.ts';
import type { ShapeState } from './shape-state.ts';
import { waitUntil } from './wait-until.ts';

export interface ShapeStoreOptions {
  engine: LiveEngine;
  recipe: StoreApi<RecipeState>;
  board: StoreApi<BoardState>;
  pack: LivePack;
  turns: RunTurns;
  platform: Pick<Platform, 'now' | 'results' | 'statistics' | 'isHidden' | 'onHidden'>;
  /** Told that the browser does not store results. */
  onRefused: () => void;
  /** Told in a sentence what is wrong with stored results. */
  onNotice: (text: string) => void;
}

/** Times of random weights in the sizes of a larger model: recorded, and measured here. */
export function createShapeStore(options: ShapeStoreOptions): StoreApi<ShapeState> {
  const { engine, recipe, board, pack, turns, platform } = options;
  const estimates = createEstimates(platform.statistics);
  const book = createShapeBook(platform.results, options.onRefused);
  let running = new AbortController();
  let precision: Precision = 'final';
  let hasChosen = false;
  let reading: Promise<void> | null = null;
  const redraw = createRedraw(draw);

  const store = createStore<ShapeState>(() => ({
    live: null,
    recorded: null,
    run: { status: 'idle' },
    now: null,
    numLayers: defaultLayers(null),
    load: () => {
      reading ??= readRecorded();
      return reading;
    },
    setLayers: (numLayers) => {
      hasChosen = true;
      store.setState({ numLayers });
    },
    start,
    stop: () => running.abort(),
  }));

  function deviceNow() {
    const { engine: phase } = engine.store.getState();
    return phase.status === 'ready' ? phase.device : null;
  }

  function start(): void {
    let isDisturbed = false;
    const isBusy = () => board.getState().isAsking || recipe.getState().variant.status === 'building';
    const note = () => {
      isDisturbed ||= isBusy();
    };
    running = turns.begin({
      show: (run) => {
        const isRunning = run.status === 'running';
        store.setState({ run, ...(isRunning ? {} : { now: null }) });
        if (!isRunning) refresh('final');
      },
      work: async (signal, onProgress) => {
        const unsubscribe = [board.subscribe(note), recipe.subscribe(note)];
        try {
          const total = await runShape({
            engine,
            numLayers: store.getState().numLayers,
            isSettled: estimates.isSettled,
            wasDisturbed: () => {
              const was = isDisturbed;
              isDisturbed = isBusy();
              return was;
            },
            whenQuiet: () => waitUntil([board, recipe], signal, () => (isBusy() ? null : true)).then(() => {}),
            isHidden: platform.isHidden,
            onHidden: platform.onHidden,
            date: () => new Date(platform.now()).toISOString(),
            onProgress: (done, all) => onProgress({ done, total: all, nowKey: 'dense' }),
            onNow: (now) => {
              if (!signal.aborted) store.setState({ now });
            },
            onTimed: (shape) => {
              // Few runs do not take the place of many.
              const known = book.find(deviceNow());
              const numKnown = known?.numLayers === shape.numLayers ? (known.rows[0]?.timings.ttftMs.length ?? 0) : 0;
              const numRuns = shape.rows[0]?.timings.ttftMs.length ?? 0;
              if (numRuns < Math.min(MIN_RUNS, Math.max(1, numKnown))) return false;
              book.set(shape);
              refresh('live');
              return true;
            },
            signal,
          });
          return { status: 'done', total };
        } finally {
          for (const stop of unsubscribe) stop();
        }
      },
    });
  }

  async function readRecorded(): Promise<void> {
    try {
      const manifest = await pack.whenRead();
      const entry = manifest.recorded.find(({ id }) => id === SHAPES_ID);
      if (entry === undefined) return;
      store.setState({ recorded: parseShape(await pack.readListed(entry.path), entry.path) });
    } catch (error) {
      reading = null;
      options.onNotice(`The recorded times of random weights cannot be shown. ${toWireError(error).message}`);
    }
  }

  function refresh(wanted: Precision): void {
    if (wanted === 'final') precision = 'final';
    redraw();
  }

  async function draw(): Promise<void> {
    const own = precision;
    precision = 'live';
    const stored = book.find(deviceNow());
    store.setState({ live: stored && (await toShapeResults(stored, estimates, own)) });
  }

  engine.store.subscribe((state, previous) => {
    if (state.engine.status === previous.engine.status) return;
    if (!hasChosen) store.setState({ numLayers: defaultLayers(deviceNow()) });
    refresh('final');
  });
  void book.read().then(({ damaged }) => {
    if (damaged > 0) options.onNotice(`${damaged} stored times of random weights were damaged and are left out.`);
    refresh('final');
  });
  return store;
}
