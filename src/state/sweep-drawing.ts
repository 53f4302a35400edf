import type { Recipe } from '../core/compress/recipe.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import type { Platform } from './platform.ts';
import { type ResultBook, toResultSource } from './result-book.ts';
import { countItems, type PlannedCell, type PlannedPoint, toLabel } from './sweep-plan.ts';
import type { SweepFigures } from './sweep-results.ts';
import type { SweepResults, SweepState } from './sweep-state.ts';

/** Even what is known already takes time to collect for a whole sweep: that is done in slices, so that the page stays at hand. */
const SLICE_MS = 16;

const NEVER = new AbortController().signal;

export interface SweepDrawing {
  figures: SweepFigures;
  /** What is asked, in the order of the plan. */
  items: readonly PlannedItem[];
  points: readonly PlannedPoint[];
  book: ResultBook;
  /** The recipe of the sensitivity map, and its cells. */
  recipe: Recipe;
  cells: readonly PlannedCell[];
  manifest: PackManifest;
  isRunning: boolean;
  platform: Pick<Platform, 'now' | 'wait'>;
}

/** What a book has of a plan, its family aside, `live` being null where that is nothing but the dense model, and how much it lacks. */
export async function drawSweep(drawing: SweepDrawing): Promise<Pick<SweepState, 'live' | 'left'>> {
  const { figures, manifest, items, book, recipe, isRunning, platform } = drawing;
  let sliceMs = platform.now();
  async function inSlices<T, U>(planned: readonly T[], toFigures: (of: T) => Promise<U>): Promise<U[]> {
    const drawn: U[] = [];
    for (const each of planned) {
      drawn.push(await toFigures(each));
      if (platform.now() - sliceMs < SLICE_MS) continue;
      await platform.wait(0, NEVER);
      sliceMs = platform.now();
    }
    return drawn;
  }
  const drawn = await inSlices(drawing.points, (each) => figures.toPoint(each, items, book, isRunning));
  const points = drawn.filter((point) => point !== null);
  const left = drawing.points.filter((each, i) => (drawn[i]?.accuracy?.n ?? 0) < countItems(each)).length;
  const cells = await inSlices(drawing.cells, (each) => figures.toCell(each, items, book, isRunning));
  const isMapped = cells.some(({ accuracy }) => accuracy !== null);
  const sensitivity = isMapped ? { recipe, label: toLabel(recipe, manifest), cells } : null;
  const isEmpty = points.every((point) => point.recipe === null) && sensitivity === null;
  const live: SweepResults | null = isEmpty
    ? null
    : { source: toResultSource(book), items, points, sensitivity, family: null };
  return { live, left };
}
