import { AppError } from '../core/errors.ts';
import { parseFactTask } from '../core/harness/fact-task.ts';
import type { Digest } from '../core/harness/samples-file.ts';
import { REGIME_KEYS } from '../core/recover/regime.ts';
import { sha256Hex } from '../engine/download.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { type FileToZip, zipFiles } from '../engine/text-zip.ts';
import { readAnsweredTasks } from './answered-tasks.ts';
import type { LiveEngine } from './engine-store.ts';
import { planUnits } from './evaluation-plan.ts';
import { type HarnessPlan, type HarnessTools, planHarness, toHarnessFiles } from './harness-files.ts';
import type { LivePack } from './pack-store.ts';
import type { Platform } from './platform.ts';
import type { LiveRecipe } from './recipe-store.ts';
import type { ResultLibrary } from './result-book.ts';
import { type RunSource, toWholeRun } from './saved-run.ts';
import type { TaskEntry } from './task-state.ts';
import { countMissing, createWordReader, type WordsOptions, type WrittenWords } from './written-words.ts';

export interface HarnessOptions {
  answers: RunSource;
  tasks: readonly TaskEntry[];
  library: Pick<ResultLibrary, 'documents'>;
  engine: LiveEngine;
  recipe: LiveRecipe;
  readListed: LivePack['readListed'];
  platform: Pick<Platform, 'statistics'>;
  /** What regimes wrote so far in this visit; more comes in. */
  words: WrittenWords;
  /** Told how many of the words that were missing are there. */
  onProgress: (progress: { done: number; total: number }) => void;
  signal: AbortSignal;
}

/**
 * The answers of a recipe as one .zip of what lm-evaluation-harness writes, with the words of wrong ones, which the model writes now; throws
 * `input-invalid` for times alone, and where the model cannot be asked, and `stopped`.
 */
export async function zipHarness(options: HarnessOptions): Promise<Blob> {
  const { answers, platform, signal } = options;
  const { recipe, manifest, textPrompt, book } = answers;
  const units = planUnits(REGIME_KEYS, recipe, manifest, textPrompt);
  const further = await readAnsweredTasks(options.tasks, units, options.library, book);
  const factTask = await readFactTask(options);
  const plan = await planHarness(await toWholeRun(answers), { ...answers, factTask }, further);
  const asked = { ...options, device: book.device, units };
  const tools: HarnessTools = {
    digest: createDigest(),
    aggregate: (name, values) => platform.statistics.compute('aggregateMetric', name, values),
    readWritten: createWordReader({ ...asked, onWritten: await countWritten(plan, asked, options.onProgress) }),
  };
  let count = 0;
  async function* toZipped(): AsyncGenerator<FileToZip> {
    for await (const { name, text } of toHarnessFiles(plan, tools)) {
      if (signal.aborted) throw new AppError('stopped', 'Stopped.');
      count++;
      yield { path: name, content: text };
    }
  }
  const zip = await zipFiles(toZipped());
  if (count > 0) return zip;
  throw new AppError('input-invalid', 'Times alone are no results of a task. Score some items first.');
}

async function readFactTask({ answers: { manifest }, readListed }: HarnessOptions) {
  const [task] = manifest.tasks;
  if (task !== undefined) return parseFactTask(await readListed(task.config), task.config, task.id);
  throw new AppError('pack-invalid', 'The pack has no task, so nothing was asked.');
}

/** Tells of all that is missing once it is known how much that is. */
async function countWritten(
  plan: HarnessPlan,
  asked: Pick<WordsOptions, 'device' | 'units' | 'words'>,
  onProgress: HarnessOptions['onProgress'],
): Promise<(count: number) => void> {
  let [done, total] = [0, 0];
  for (const unit of plan.units) {
    // Thousands of answers each.
    await turnEventLoop();
    for (const run of plan.runsOf(unit)) total += countMissing(asked, unit, run);
  }
  if (total > 0) onProgress({ done, total });
  return (count) => {
    done += count;
    onProgress({ done, total });
  };
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
