import type { StoreApi } from 'zustand/vanilla';
import { isSameRecipe } from '../core/compress/recipe-key.ts';
import { toWireError } from '../core/errors.ts';
import type { OtherRun, Side } from '../core/eval/comparisons.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { compareMaterial, type Material } from './compare-material.ts';
import type { RunAnswers } from './comparison-input.ts';
import type { ComparisonSet, ComparisonsPhase, ComparisonsState } from './comparisons-state.ts';
import { createRedraw } from './redraw.ts';
import type { ImportedRun, ShareState } from './share-state.ts';
import { findShownRun } from './shown-run.ts';
import type { ViewState } from './view-state.ts';

export interface ImportedComparisonsOptions {
  comparisons: StoreApi<ComparisonsState>;
  share: StoreApi<ShareState>;
  view: StoreApi<ViewState>;
  statistics: Statistics;
  /** What was recorded, or measured here, of the recipe on the page, as it was compared last. */
  others: () => readonly Material[];
}

/** The paired comparisons of imported runs, computed in the statistics worker: of the one in view, and of whichever comes into view. */
export interface ImportedComparisons {
  /** After anything that is wanted of comparisons, or what a run can be held against, has changed. */
  redraw(): void;
  /** The declared comparisons of all whose figures were read. */
  compareAll(): Promise<readonly ComparisonSet[]>;
}

/** What an imported run can be held against. */
interface Others extends NonNullable<Material['others']> {
  /** The device and the number of answers of each. */
  counts: readonly string[];
}

export function createImportedComparisons(options: ImportedComparisonsOptions): ImportedComparisons {
  const { comparisons, share, view, statistics } = options;
  /** What `imported` of the store tells of. */
  let followed: RunAnswers | null = null;
  /** What it was computed of beside the answers and what is picked and planned. */
  let drawn = '';

  const toShown = () => findShownRun(share.getState().imported, view.getState().importedId);

  const redraw = createRedraw(async () => {
    const run = toShown();
    const material = run && toMaterial(run);
    if (run === null || material === null || isBare(material)) return;
    // Of another run by now, or of one that was removed: what is in view is drawn next.
    const show = (imported: ComparisonsPhase) => {
      if (toShown()?.answers === run.answers) comparisons.setState({ imported });
    };
    try {
      const others = toOthers(material, options.others());
      const { imported, picked, plannedDifference } = comparisons.getState();
      const former = imported.status === 'ready' ? imported.of : null;
      const mark = toMark(others, picked);
      const isDrawn = former !== null && mark === drawn;
      if (isDrawn && former.picked === picked && former.plannedDifference === plannedDifference) return;
      const wishes = comparisons.getState;
      const how = { statistics, former, isFirst: former === null, precision: 'final', wishes } as const;
      await compareMaterial({ ...material, others }, how, (of) => {
        drawn = mark;
        show({ status: 'ready', of });
      });
    } catch (error) {
      show({ status: 'failed', error: toWireError(error) });
    }
  });

  /** Nothing of a run that is no longer in view stays. */
  function follow(): void {
    const run = toShown();
    const answers = run?.answers ?? null;
    const { imported } = comparisons.getState();
    const next = toFirstPhase(run);
    if (answers === followed && (answers !== null || imported.status === next.status)) return;
    followed = answers;
    comparisons.setState({ imported: next });
    redraw();
  }

  follow();
  share.subscribe(follow);
  view.subscribe(follow);
  return {
    redraw,
    compareAll: async () => {
      const sets = new Map<string, ComparisonSet>();
      for (const run of share.getState().imported) {
        const { imported } = comparisons.getState();
        const material = toMaterial(run);
        if (material === null || isBare(material)) continue;
        if (imported.status === 'ready' && run.answers === followed) sets.set(run.id, imported.of);
        else {
          const wishes = () => ({ picked: null, plannedDifference: comparisons.getState().plannedDifference });
          const how = { statistics, former: null, isFirst: false, precision: 'final', wishes } as const;
          await compareMaterial(material, how, (of) => sets.set(run.id, of));
        }
      }
      // One may have been removed meanwhile.
      return share.getState().imported.flatMap(({ id }) => sets.get(id) ?? []);
    },
  };
}

/** Null before its figures are read. */
function toMaterial({ results, answers }: ImportedRun): Material | null {
  if (results === null || answers === null) return null;
  const { presetItems, isPresetKept } = answers;
  return { source: results.source, recipe: results.recipe, presetItems, isPresetKept, answers };
}

/** Dense alone belongs to every recipe, and a run may hold times alone. */
function isBare({ answers: { sides } }: Material): boolean {
  return sides.every(({ key }) => key === 'dense');
}

function toFirstPhase(run: ImportedRun | null): ComparisonsPhase {
  if (run === null) return { status: 'none' };
  const material = toMaterial(run);
  return { status: material !== null && isBare(material) ? 'none' : 'loading' };
}

/** The regimes of an imported run as other runs of its recipe answered them; a text prompt may be another one. */
function toOthers({ recipe, answers }: Material, runs: readonly Material[]): Others {
  const same = runs.flatMap(({ source: { kind, device }, recipe: other, answers: theirs }) => {
    const run: OtherRun | null = kind === 'imported' ? null : kind;
    return run !== null && isSameRecipe(other, recipe) ? [{ run, device, answers: theirs }] : [];
  });
  const isAnswered = (side: Side) =>
    side.key !== 'text' && answers.sides.some(({ key, exposure }) => key === side.key && exposure === side.exposure);
  return {
    regimes: same.flatMap(({ run, answers: { regimes } }) => regimes.map((regime) => ({ ...regime, run }))),
    sides: same.flatMap(({ run, answers: { sides } }) => sides.filter(isAnswered).map((side) => ({ ...side, run }))),
    counts: same.map(({ device, answers: { count } }) => `${device} ${count}`),
  };
}

/** Differs where other runs can be picked, or where one that is picked has other answers by now. */
function toMark({ sides, counts }: Others, picked: ComparisonsState['picked']): string {
  const isOfOther = picked?.some(({ run }) => run !== undefined) === true;
  return JSON.stringify([sides, isOfOther ? counts : null]);
}
