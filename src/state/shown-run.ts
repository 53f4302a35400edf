import type { ImportedRun } from './share-state.ts';

/** The imported run that charts draw: the chosen one, or else the one that came last; null without any. */
export function findShownRun(imported: readonly ImportedRun[], importedId: string | null): ImportedRun | null {
  return imported.find(({ id }) => id === importedId) ?? imported.at(-1) ?? null;
}
