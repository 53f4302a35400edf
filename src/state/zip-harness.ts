import { AppError } from '../core/errors.ts';
import type { Digest } from '../core/harness/samples-file.ts';
import { sha256Hex } from '../engine/download.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type FileToZip, zipFiles } from '../engine/text-zip.ts';
import { type HarnessTools, toHarnessFiles, type UnitTasks } from './harness-run.ts';
import type { SavedRun } from './run-file.ts';
import type { RunPlace } from './saved-run.ts';

/** A run as one .zip of what lm-evaluation-harness writes; throws `input-invalid` for a run of times alone. */
export async function zipHarness(
  run: SavedRun,
  place: RunPlace,
  further: readonly UnitTasks[],
  statistics: Statistics,
): Promise<Blob> {
  const tools: HarnessTools = {
    digest: createDigest(),
    aggregate: (name, values) => statistics.compute('aggregateMetric', name, values),
  };
  let count = 0;
  async function* toZipped(): AsyncGenerator<FileToZip> {
    for await (const { name, text } of toHarnessFiles(run, place, tools, further)) {
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
