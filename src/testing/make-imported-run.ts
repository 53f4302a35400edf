import type { ResultSet } from '../state/results.ts';
import type { ImportedRun } from '../state/share-state.ts';
import { makeResultSet } from './make-results.ts';

/** A run of `theirs.json` with these results, its answers not read. */
export function makeImportedRun(results: ResultSet, overrides: Partial<ImportedRun> = {}): ImportedRun {
  const { source, recipe, recipeLabel } = results;
  const about = { id: '1', fileName: 'theirs.json', recipe, recipeLabel, source, tasks: [] };
  return { ...about, results, answers: null, taskAnswers: null, ...overrides };
}

/** The source of such a run. */
export const IMPORTED_SOURCE = { ...makeResultSet().source, kind: 'imported', fileName: 'theirs.json' } as const;
