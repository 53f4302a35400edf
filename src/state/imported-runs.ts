import { AppError, toWireError, type WireError } from '../core/errors.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import type { Digest } from '../core/harness/samples-file.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import { sha256Hex } from '../engine/download.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type FileToZip, zipFiles } from '../engine/text-zip.ts';
import { toFingerprint } from './fingerprint.ts';
import type { GivenFile } from './given-file.ts';
import { toHarnessFiles, type UnitTasks } from './harness-run.ts';
import { readRuns } from './read-runs.ts';
import { ENGINE_VERSION } from './result-book.ts';
import type { ResultSets } from './result-sets.ts';
import { parseRunFile, refuseRun, type SavedRun, toRunFile } from './run-file.ts';
import { toBook } from './saved-run.ts';
import type { ImportedRun } from './share-state.ts';

/** What runs are read against and drawn with. */
export interface ImportPlace {
  manifest: PackManifest;
  facts: readonly Fact[];
  relations: ReadonlyMap<string, Relation>;
  sets: ResultSets;
}

/** A run that was brought, and the text that brings it back after a reload. */
export interface KeptRun {
  run: ImportedRun;
  text: string;
}

/** The runs in some files, as charts draw them; a bad file costs only itself. */
export async function readImports(
  files: readonly GivenFile[],
  place: ImportPlace,
): Promise<{ kept: readonly KeptRun[]; problems: readonly WireError[] }> {
  const { runs, problems } = await readRuns(files);
  const kept: KeptRun[] = [];
  const refused = [...problems];
  for (const { fileName, run } of runs) {
    try {
      kept.push(await toKept(run, fileName, place));
    } catch (error) {
      refused.push(toWireError(error));
    }
  }
  return { kept, problems: refused };
}

/** A run that an earlier visit kept; throws `input-invalid` where it was damaged or its pack has changed. */
export async function restoreImport(stored: unknown, place: ImportPlace): Promise<ImportedRun> {
  const { fileName, text } = isStored(stored) ? stored : refuseRun('an imported run', 'file', 'not as it was stored');
  const { run } = await toKept(parseRunFile(new TextEncoder().encode(text), fileName), fileName, place);
  return run;
}

function isStored(value: unknown): value is { fileName: string; text: string } {
  if (typeof value !== 'object' || value === null) return false;
  return 'fileName' in value && typeof value.fileName === 'string' && 'text' in value && typeof value.text === 'string';
}

async function toKept(saved: SavedRun, fileName: string, place: ImportPlace): Promise<KeptRun> {
  const { manifest, facts, sets } = place;
  const { recipe, textPrompt } = saved;
  const book = toBook(saved, place, fileName);
  const results = await sets.toResultSet({ book, recipe, textPrompt, manifest, facts, precision: 'final' });
  if (results === null) return refuseRun(fileName, 'regimes', 'the dense model alone, which says nothing of a recipe');
  const text = toRunFile(saved);
  const isOtherEngine = saved.engineVersion !== ENGINE_VERSION;
  const source = { ...results.source, kind: 'imported', fileName, ...(isOtherEngine && { isOtherEngine }) } as const;
  return { run: { id: toFingerprint(text), fileName, results: { ...results, source } }, text };
}

/** A run as one .zip of what lm-evaluation-harness writes; throws `input-invalid` for a run of times alone. */
export async function zipHarness(run: SavedRun, place: ImportPlace, further: readonly UnitTasks[]): Promise<Blob> {
  let count = 0;
  async function* toZipped(): AsyncGenerator<FileToZip> {
    for await (const { name, text } of toHarnessFiles(run, place, createDigest(), further)) {
      count++;
      yield { path: name, content: text };
    }
  }
  const zip = await zipFiles(toZipped());
  if (count > 0) return zip;
  throw new AppError('input-invalid', 'Times alone are no results of a task. Score some items first.');
}

/** Digests between two turns of the event loop: a few milliseconds. */
const DIGESTS_A_TURN = 200;

/** sha256 of texts, each computed once: every regime is asked the same documents, half a million texts of which few differ. */
function createDigest(): Digest {
  const known = new Map<string, Promise<string>>();
  let asked = 0;
  return async (text) => {
    asked++;
    if (asked % DIGESTS_A_TURN === 0) await turnEventLoop();
    const digest = known.get(text) ?? sha256Hex(new TextEncoder().encode(text));
    known.set(text, digest);
    return digest;
  };
}
