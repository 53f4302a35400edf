import * as z from 'zod/mini';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe, toRecipeLabel } from '../core/compress/recipe-key.ts';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { ENGINE_VERSION, type StoredDevice, storedDevice, toPackFingerprint } from './result-book.ts';
import type { ResultSource } from './results.ts';
import { type RunTaskName, runTaskName } from './run-task-name.ts';
import type { ImportedRun } from './share-state.ts';

/** What is told of an imported run before its answers are read. */
export interface AboutRun {
  fileName: string;
  /** Fingerprint of its pack. */
  pack: string;
  engineVersion: number;
  device: StoredDevice;
  recipe: Recipe;
  /** What it answered beside the facts. */
  tasks: readonly RunTaskName[];
}

const aboutRun = z.object({
  fileName: z.string(),
  pack: z.string(),
  engineVersion: z.int(),
  device: storedDevice,
  recipe: z.unknown(),
  /** What earlier versions of the page kept is without. */
  tasks: z._default(z.array(runTaskName), []),
});

/** What was stored of a run; throws `input-invalid` where it was damaged or the page has another pack by now, or `recipe-invalid`. */
export function parseAboutRun(value: unknown, manifest: PackManifest): AboutRun {
  const parsed = aboutRun.safeParse(value);
  if (!parsed.success) {
    throw new AppError('input-invalid', 'An imported run was damaged in storage and is left out. Bring it again.');
  }
  const { fileName, pack, recipe } = parsed.data;
  const ours = toPackFingerprint(manifest);
  if (pack !== ours) {
    const message = `${quote(fileName)} is left out: it is of the pack ${quote(pack)}, and this page has ${quote(ours)} by now.`;
    throw new AppError('input-invalid', message, { file: fileName, field: 'pack', observed: pack, allowed: ours });
  }
  return { ...parsed.data, recipe: parseRecipe(recipe) };
}

/** A run as it is listed, its figures still unread. */
export function toListedRun(id: string, about: AboutRun, { recipes }: PackManifest): ImportedRun {
  const { fileName, recipe, tasks } = about;
  const preset = recipes.find((entry) => isSameRecipe(entry.recipe, recipe));
  const recipeLabel = preset?.label ?? toRecipeLabel(recipe);
  const source = toImportedSource(about);
  return { id, fileName, recipe, recipeLabel, source, tasks, results: null, answers: null, taskAnswers: null };
}

/** Where the figures of an imported run come from, as charts say it. */
export function toImportedSource({ fileName, device, engineVersion }: AboutRun): ResultSource {
  const isOtherEngine = engineVersion !== ENGINE_VERSION;
  return { ...device, kind: 'imported', fileName, ...(isOtherEngine && { isOtherEngine }) };
}
