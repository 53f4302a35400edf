import type { Recipe } from '../core/compress/recipe.ts';
import { toRecipeKey } from '../core/compress/recipe-key.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type PlannedUnit, planItems, planUnits } from './evaluation-plan.ts';
import { refuseRun } from './refuse-run.ts';
import { createBook, ENGINE_VERSION, type Outcome, type ResultBook, toPackFingerprint } from './result-book.ts';
import type { SavedRun, SavedUnit } from './run-file.ts';
import type { SavedTask } from './run-tasks.ts';

/** What a run is taken out of, or put back into. */
export interface RunPlace {
  manifest: PackManifest;
  facts: readonly Fact[];
  relations: ReadonlyMap<string, Relation>;
}

export interface RunSource extends RunPlace {
  book: ResultBook;
  recipe: Recipe;
  textPrompt: string;
}

/** All that a book has of a recipe, and of the dense model, with what they answered to tasks; null where that is nothing of the recipe itself. */
export async function toSavedRun(source: RunSource, tasks: readonly SavedTask[]): Promise<SavedRun | null> {
  const run = { ...(await toWholeRun(source)), tasks };
  return isOfRecipe(run) ? run : null;
}

/** Whether a run says anything of its recipe: the dense model alone belongs to every one. */
export function isOfRecipe({ units, tasks }: Pick<SavedRun, 'units' | 'tasks'>): boolean {
  return [units, ...tasks.map((task) => task.units)].some((own) => own.some(({ key }) => key !== 'dense'));
}

/** What a book has of the facts and no task, even where that is nothing. One regime after the other, so that the page stays at hand: each has thousands of answers. */
export async function toWholeRun({ book, recipe, textPrompt, manifest, ...place }: RunSource): Promise<SavedRun> {
  const asked = toItemIds(place);
  const units: SavedUnit[] = [];
  for (const { key, fold, regime } of planUnits(REGIME_KEYS, recipe, manifest, textPrompt)) {
    await turnEventLoop();
    const outcomes = new Map<string, Outcome>();
    for (const [itemId, { isRight, logLikelihood, chosenPrompt }] of book.outcomes.get(regime.id) ?? []) {
      if (asked.has(itemId)) outcomes.set(itemId, { isRight, logLikelihood, chosenPrompt });
    }
    const timings = book.timings.get(regime.id) ?? null;
    const size = book.sizes.get(regime.id) ?? null;
    if (outcomes.size > 0 || timings !== null) units.push({ key, fold, outcomes, timings, size });
  }
  const pack = { id: manifest.id, fingerprint: toPackFingerprint(manifest) };
  const presetItems = book.presets.get(toRecipeKey(recipe)) ?? null;
  return {
    pack,
    engineVersion: ENGINE_VERSION,
    device: book.device,
    recipe,
    textPrompt,
    presetItems,
    units,
    tasks: [],
  };
}

/** A saved run as a book of its own, so that its figures are made as live ones are; throws `input-invalid` where it does not fit the pack. */
export function toBook(saved: SavedRun, { manifest, ...place }: RunPlace, fileName: string): ResultBook {
  if (saved.pack.id !== manifest.id) {
    refuseRun(fileName, 'pack.id', `"${saved.pack.id}", where this page has "${manifest.id}"`);
  }
  const ours = toPackFingerprint(manifest);
  if (saved.pack.fingerprint !== ours) {
    const problem = `"${saved.pack.fingerprint}", where this page has "${ours}": files of the pack that answers depend on are others`;
    refuseRun(fileName, 'pack.fingerprint', problem);
  }
  const asked = toItemIds(place);
  const planned = planUnits(REGIME_KEYS, saved.recipe, manifest, saved.textPrompt);
  const book = createBook(saved.device);
  if (saved.presetItems !== null) book.presets.set(toRecipeKey(saved.recipe), saved.presetItems);
  for (const [i, { key, fold, outcomes, timings, size }] of saved.units.entries()) {
    const unit: PlannedUnit | undefined = planned.find((each) => each.key === key && each.fold === fold);
    if (unit === undefined) {
      return refuseRun(
        fileName,
        `regimes.${i}`,
        `"${key}" trained on ${fold ?? 'nothing'}, which this pack does not have`,
      );
    }
    const unknown = [...outcomes.keys()].find((itemId) => !asked.has(itemId));
    if (unknown !== undefined) refuseRun(fileName, 'items', `"${unknown}", a question that this pack does not have`);
    book.outcomes.set(unit.regime.id, new Map(outcomes));
    if (timings !== null) book.timings.set(unit.regime.id, timings);
    if (size !== null) book.sizes.set(unit.regime.id, size);
  }
  return book;
}

/** Every question that is evaluated: development facts were tuned on, and calibrated methods saw the calibration ones. */
function toItemIds({ facts, relations }: Pick<RunPlace, 'facts' | 'relations'>): ReadonlySet<string> {
  return new Set(planItems(facts, relations, ['A', 'B', 'control']).map(({ id }) => id));
}
