import type { Capture, MatrixReport } from '../core/inside/capture.ts';
import { createInsideCaptures } from './inside-captures.ts';
import { meetChoice, readBlock, readInsideContext } from './inside-context.ts';
import { createInsideDistances } from './inside-distances.ts';
import { createInsideMatrix } from './inside-matrix.ts';
import { createInsidePatch } from './inside-patch.ts';
import { createInsideRouting } from './inside-routing.ts';
import type { KeptLook, KeptPatch } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';

/** What the tab can ask for once this part of the page is loaded. */
export interface InsideWork {
  watchCaptures(): () => void;
  watchMatrix(): () => void;
  startDistances(): void;
  stopDistances(): void;
  askPools(): void;
  stopAsking(): void;
  startStudy(): void;
  stopStudy(): void;
  startPatch(): void;
  stopPatch(): void;
  keptCaptures(): readonly KeptLook<Capture>[];
  keptMatrices(): readonly KeptLook<MatrixReport>[];
  keptPatches(): readonly KeptPatch[];
  refresh(): void;
}

/** Follows the page and does what the stores of the tab promise. */
export function createInsideWork(options: InsideOptions, stores: InsideStores): InsideWork {
  const { engine, recipe, pack, board } = options;
  const captures = createInsideCaptures(options, stores.inside, refresh);
  const matrix = createInsideMatrix(options, stores, refresh);
  const routing = createInsideRouting(options, stores, refresh);
  const distances = createInsideDistances(options, stores);
  const patch = createInsidePatch(options, stores);

  function refresh(): void {
    const context = readInsideContext(options);
    const { wanted, choice } = stores.inside.getState();
    const met = context === null ? wanted : meetChoice(wanted, context);
    if (JSON.stringify(met) !== JSON.stringify(choice)) stores.inside.setState({ choice: met });
    const moment = { context, block: readBlock(options, context) };
    for (const part of [captures, matrix, routing, distances, patch]) part.refresh(moment);
  }

  stores.inside.subscribe((state, previous) => {
    if (state.wanted !== previous.wanted) refresh();
  });
  pack.store.subscribe((state, previous) => {
    if (state.pack !== previous.pack || state.facts !== previous.facts) refresh();
  });
  engine.store.subscribe((state, previous) => {
    if (state.engine !== previous.engine) refresh();
  });
  recipe.store.subscribe(refresh);
  // Its columns move with every token of an answer and say nothing here.
  board.subscribe((state, previous) => {
    const isSame =
      state.question === previous.question &&
      state.exposure === previous.exposure &&
      state.textPrompt === previous.textPrompt &&
      state.shown === previous.shown &&
      state.isAsking === previous.isAsking;
    if (!isSame) refresh();
  });
  refresh();
  return {
    watchCaptures: captures.watch,
    watchMatrix: matrix.watch,
    startDistances: distances.start,
    stopDistances: distances.stop,
    askPools: routing.ask,
    stopAsking: routing.stopAsking,
    startStudy: routing.startStudy,
    stopStudy: routing.stop,
    startPatch: patch.start,
    stopPatch: patch.stop,
    keptCaptures: captures.kept,
    keptMatrices: matrix.kept,
    keptPatches: patch.kept,
    refresh,
  };
}
