import { toWireError, type WireError } from '../core/errors.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { hearStop } from '../engine/stopping.ts';
import { type AboutRun, toListedRun } from './about-run.ts';
import { type RunAnswers, toAnsweredUnits, toComparedAnswers, toPreset } from './comparison-input.ts';
import { createEstimates } from './estimates.ts';
import { planUnits } from './evaluation-plan.ts';
import { toFingerprint } from './fingerprint.ts';
import type { ReadFile } from './given-file.ts';
import { type ImportedTasks, toImportedTasks } from './imported-tasks.ts';
import { type OutcomePlan, planOutcomes } from './outcome-set.ts';
import { readRuns } from './read-runs.ts';
import { refuseRun } from './refuse-run.ts';
import { createResultSets, type ResultSets } from './result-sets.ts';
import type { ResultSet } from './results.ts';
import { type SavedRun, toRunFile } from './run-file.ts';
import { isOfRecipe, type RunPlace, toBook } from './saved-run.ts';

/** A run that was brought: its figures and answers, and the file that brings it back after a reload. */
export interface KeptRun {
  id: string;
  about: AboutRun;
  bytes: Uint8Array<ArrayBuffer>;
  results: ResultSet;
  answers: RunAnswers;
  taskAnswers: ImportedTasks;
}

export interface ReadImports {
  kept: readonly KeptRun[];
  /** What could not be read, file by file. */
  problems: readonly WireError[];
}

/** What all runs of one reading are read with. */
interface Reader {
  place: RunPlace;
  sets: ResultSets;
  plan: OutcomePlan;
}

/** The runs in some files, as charts draw them; a bad file costs only itself. Rejects with `stopped` once the signal is aborted. */
export async function readImports(
  files: readonly ReadFile[],
  place: RunPlace,
  signal?: AbortSignal,
): Promise<ReadImports> {
  const sets = createResultSets(createEstimates(createPlainStatistics()));
  const reader = { place, sets, plan: planOutcomes(place.facts, place.relations) };
  const { runs, problems } = await readRuns(files, signal);
  const kept: KeptRun[] = [];
  const refused = [...problems];
  for (const { fileName, run } of runs) {
    await hearStop(signal);
    try {
      kept.push(await toKept(run, fileName, reader));
    } catch (error) {
      refused.push(toWireError(error));
    }
  }
  return { kept, problems: refused };
}

async function toKept(saved: SavedRun, fileName: string, { place, sets, plan }: Reader): Promise<KeptRun> {
  const { manifest, facts } = place;
  const { recipe, textPrompt, engineVersion, device } = saved;
  const book = toBook(saved, place, fileName);
  if (!isOfRecipe(saved)) refuseRun(fileName, 'regimes', 'the dense model alone, which says nothing of a recipe');
  const taskAnswers = toImportedTasks(saved, manifest, fileName);
  const tasks = taskAnswers.tasks.map(({ name, fingerprint }) => ({ name, fingerprint }));
  const about = { fileName, pack: saved.pack.fingerprint, engineVersion, device, recipe, tasks };
  const text = toRunFile(saved);
  const id = toFingerprint(text);
  const { source, recipeLabel } = toListedRun(id, about, manifest);
  const measured = await sets.toResultSet({ book, recipe, textPrompt, manifest, facts, precision: 'final' });
  const nothing = { recipe, recipeLabel, damage: null, rows: [], timeComparisons: [] };
  const units = planUnits(REGIME_KEYS, recipe, manifest, textPrompt);
  const answers = { ...toComparedAnswers(plan, toAnsweredUnits(book, units, plan)), ...toPreset(book, recipe) };
  const bytes = new TextEncoder().encode(text);
  return { id, about, bytes, results: { ...(measured ?? nothing), source }, answers, taskAnswers };
}
