import { readFileSync } from 'node:fs';
import { parseTaskConfig } from '../core/harness/parse-config.ts';
import { parseHarnessTask } from '../core/harness/parse-task.ts';
import type { HarnessTask } from '../core/harness/task.ts';

const TASKS = new URL('../../public/packs/atlas/tasks/', import.meta.url);

/** Tasks of the pack that any reader renders, as `training/harness_tasks.py` writes them. */
export const SHIPPED_TASKS = [
  'atlas-choice',
  'atlas-exact',
  'atlas-reasoning',
  'atlas-sentences',
  'atlas-statements',
  'atlas-last-word',
] as const;

/** A task of the pack with its documents. */
export function readShippedTask(name: string): HarnessTask {
  const read = (file: string) => new Uint8Array(readFileSync(new URL(file, TASKS)));
  const config = parseTaskConfig(read(`${name}.json`), `${name}.json`);
  const file = config.documentsFile ?? '';
  return parseHarnessTask(config, read(file), file);
}

/** What PyTorch makes of a task of the pack: `training/harness_fixture.py` says what each field is. */
export interface HarnessGolden {
  task: string;
  hashes: readonly [doc: string, prompt: string, target: string];
  requests: number;
  tokens: number;
  sha256: string;
  first: readonly { context: readonly number[]; continuation: readonly number[] }[];
  /** Every 8th document. */
  ids: readonly string[];
  logLikelihoods: readonly (readonly number[])[]; // [ids][choices]
  greedy: readonly (readonly number[])[]; // [ids][choices]
  metrics: Readonly<Record<string, number>>;
}

export function readHarnessGoldens(): readonly HarnessGolden[] {
  return JSON.parse(readFileSync(new URL('./fixtures/harness.json', import.meta.url), 'utf8'));
}
