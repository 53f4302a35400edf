import { toWireError, type WireError } from '../core/errors.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { type AboutRun, toImportedSource } from './about-run.ts';
import { createEstimates } from './estimates.ts';
import { toFingerprint } from './fingerprint.ts';
import type { ReadFile } from './given-file.ts';
import { readRuns } from './read-runs.ts';
import { createResultSets, type ResultSets } from './result-sets.ts';
import type { ResultSet } from './results.ts';
import { refuseRun, type SavedRun, toRunFile } from './run-file.ts';
import { type RunPlace, toBook } from './saved-run.ts';

/** A run that was brought: its figures, and the file that brings it back after a reload. */
export interface KeptRun {
  id: string;
  about: AboutRun;
  bytes: Uint8Array<ArrayBuffer>;
  results: ResultSet;
}

export interface ReadImports {
  kept: readonly KeptRun[];
  /** What could not be read, file by file. */
  problems: readonly WireError[];
}

/** The runs in some files, as charts draw them; a bad file costs only itself. */
export async function readImports(files: readonly ReadFile[], place: RunPlace): Promise<ReadImports> {
  const sets = createResultSets(createEstimates(createPlainStatistics()));
  const { runs, problems } = await readRuns(files);
  const kept: KeptRun[] = [];
  const refused = [...problems];
  for (const { fileName, run } of runs) {
    try {
      kept.push(await toKept(run, fileName, place, sets));
    } catch (error) {
      refused.push(toWireError(error));
    }
  }
  return { kept, problems: refused };
}

async function toKept(saved: SavedRun, fileName: string, place: RunPlace, sets: ResultSets): Promise<KeptRun> {
  const { manifest, facts } = place;
  const { recipe, textPrompt, engineVersion, device } = saved;
  const book = toBook(saved, place, fileName);
  const results = await sets.toResultSet({ book, recipe, textPrompt, manifest, facts, precision: 'final' });
  if (results === null) return refuseRun(fileName, 'regimes', 'the dense model alone, which says nothing of a recipe');
  const text = toRunFile(saved);
  const about = { fileName, pack: saved.pack.fingerprint, engineVersion, device, recipe };
  const source = toImportedSource(about);
  return { id: toFingerprint(text), about, bytes: new TextEncoder().encode(text), results: { ...results, source } };
}
