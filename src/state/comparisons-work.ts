import type { StoreApi } from 'zustand/vanilla';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { toWireError } from '../core/errors.ts';
import type { OtherRun } from '../core/eval/comparisons.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { compareMaterial, type Material } from './compare-material.ts';
import { type ComparedAnswers, toAnsweredUnits, toComparedAnswers, toPreset } from './comparison-input.ts';
import type { ComparisonsPhase, ComparisonsState } from './comparisons-state.ts';
import type { ComparisonsStoreOptions } from './comparisons-store.ts';
import { planUnits } from './evaluation-plan.ts';
import { createImportedComparisons } from './imported-comparisons.ts';
import type { OutcomeSet } from './outcome-set.ts';
import { createRedraw } from './redraw.ts';
import { toResultSource } from './result-book.ts';

/** All that compares; it looks after the recipe in view, its answers and the imported runs by itself. */
export interface ComparisonsWork {
  /** After what is picked or planned has changed, or something could not be read. */
  redraw(): void;
  compareImported: ComparisonsState['compareImported'];
}

/** The paired comparisons of the recipe in view, of recorded outcomes and of what this browser measured, and of imported runs, computed in the statistics worker. */
export function createComparisonsWork(
  options: ComparisonsStoreOptions,
  store: StoreApi<ComparisonsState>,
): ComparisonsWork {
  const { engine, recipe, pack, board, evaluate, outcomes, share, view, platform } = options;
  const { statistics } = platform;
  /** What the live comparisons on the page were computed of. */
  let drawn = '';
  /** The recorded answers that were collected last: what is picked or planned changes nothing about them. */
  let collected: { set: OutcomeSet; answers: ComparedAnswers } | null = null;
  /** What is compared of the recipe on the page; an imported run can be held against it. */
  let atHand: Readonly<Record<OtherRun, Material | null>> = { recorded: null, live: null };
  const others = () => [atHand.live, atHand.recorded].filter((material) => material !== null);
  const imported = createImportedComparisons({ comparisons: store, share, view, statistics, others });

  function keepAtHand(run: OtherRun, material: Material | null): void {
    atHand = { ...atHand, [run]: material };
    imported.redraw();
  }

  /** What was recorded for the recipe in view; a recording asks all items. */
  async function readRecorded(): Promise<Material | null> {
    const { presetId } = recipe.store.getState();
    const set = presetId === null ? null : await outcomes.read(presetId);
    if (set === null) return null;
    if (collected?.set !== set) {
      // Thousands of answers: not in the task that draws what came before.
      await turnEventLoop();
      const trained = set.regimes.filter(({ isShuffled }) => !isShuffled);
      collected = { set, answers: toComparedAnswers(set.plan, trained) };
    }
    const { answers } = collected;
    return {
      source: set.source,
      recipe: set.recipe,
      presetItems: answers.subjects.length,
      isPresetKept: true,
      answers,
    };
  }

  /** What the device at hand, or the last one, answered of the recipe in view. */
  async function toLive(): Promise<{ material: Material; mark: string } | null> {
    const manifest = pack.manifest();
    const library = options.library();
    const { engine: phase } = engine.store.getState();
    const book = phase.status === 'ready' ? library?.bookOf(phase.device) : library?.latest();
    if (manifest === null || book == null || pack.store.getState().facts.status !== 'ready') return null;
    const { recipe: wanted } = recipe.store.getState();
    const units = planUnits(REGIME_KEYS, wanted, manifest, board.getState().textPrompt);
    const plan = await outcomes.plan();
    await turnEventLoop();
    const answers = toComparedAnswers(plan, toAnsweredUnits(book, units, plan));
    // Dense alone belongs to every recipe: it says nothing of this one.
    if (answers.sides.every(({ key }) => key === 'dense')) return null;
    const preset = toPreset(book, wanted);
    const asked = units.map(({ regime }) => regime.id);
    const mark = JSON.stringify([book.device.device, asked, preset, answers.count]);
    return { material: { source: toResultSource(book), recipe: wanted, ...preset, answers }, mark };
  }

  const redrawRecorded = createRedraw(async () => {
    const { presetId } = recipe.store.getState();
    // Of another recipe by now: it is drawn next.
    const show = (recorded: ComparisonsPhase) => {
      if (recipe.store.getState().presetId === presetId) store.setState({ recorded });
    };
    try {
      await pack.whenRead();
      const material = await readRecorded();
      keepAtHand('recorded', material);
      const { recorded } = store.getState();
      if (material === null) show({ status: 'none' });
      else {
        const former =
          recorded.status === 'ready' && isSameRecipe(recorded.of.recipe, material.recipe) ? recorded.of : null;
        const how = {
          statistics,
          former,
          isFirst: former === null,
          precision: 'final',
          wishes: store.getState,
        } as const;
        await compareMaterial(material, how, (of) => show({ status: 'ready', of }));
      }
    } catch (error) {
      show({ status: 'failed', error: toWireError(error) });
    }
  });

  const redrawLive = createRedraw(async () => {
    try {
      const found = await toLive();
      keepAtHand('live', found?.material ?? null);
      if (found === null) {
        drawn = '';
        store.setState({ live: { status: 'none' } });
        return;
      }
      const precision = evaluate.getState().accuracyRun.status === 'running' ? 'live' : 'final';
      const mark = `${precision} ${found.mark}`;
      const { live, picked, plannedDifference } = store.getState();
      const former = mark === drawn && live.status === 'ready' ? live.of : null;
      // Latency runs draw the page anew too, and change nothing here.
      if (former !== null && former.picked === picked && former.plannedDifference === plannedDifference) return;
      const how = { statistics, former, isFirst: live.status !== 'ready', precision, wishes: store.getState } as const;
      await compareMaterial(found.material, how, (of) => {
        if (!isSameRecipe(recipe.store.getState().recipe, of.recipe)) return;
        drawn = mark;
        store.setState({ live: { status: 'ready', of } });
      });
    } catch (error) {
      drawn = '';
      store.setState({ live: { status: 'failed', error: toWireError(error) } });
    }
  });

  recipe.store.subscribe((state, previous) => {
    if (!isSameRecipe(state.recipe, previous.recipe)) {
      drawn = '';
      store.setState({ live: { status: 'none' } });
      redrawLive();
    }
    if (state.presetId !== previous.presetId) {
      store.setState({ recorded: { status: 'loading' } });
      redrawRecorded();
    }
  });
  evaluate.subscribe((state, previous) => {
    const isChanged = state.live !== previous.live || state.accuracyRun.status !== previous.accuracyRun.status;
    if (isChanged) redrawLive();
  });
  return {
    redraw: () => {
      redrawRecorded();
      redrawLive();
      imported.redraw();
    },
    compareImported: imported.compareAll,
  };
}
