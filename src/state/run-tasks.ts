import * as z from 'zod/mini';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { MAX_CHOICES } from '../core/harness/parse-config.ts';
import { MAX_DOCUMENTS } from '../core/harness/parse-task.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import { turnEventLoop } from '../engine/stopping.ts';
import { refuseRun } from './refuse-run.ts';
import type { TwinFold } from './regimes.ts';
import { type RunTaskName, runTaskName } from './run-task-name.ts';

/** Most tasks of a run: the few of a pack, and as many of one's own as a list can still be read. */
export const MAX_RUN_TASKS = 100;

/** Most regimes of a task: every place of the board with two twins. */
const MAX_TASK_UNITS = 2 * REGIME_KEYS.length;

/** What one regime answered to the documents of a saved task, in columns: thousands of answers are handed from worker to page at once. */
export interface SavedTaskUnit {
  key: RegimeKey;
  /** The fold that its repair saw; null without a repair. */
  fold: TwinFold | null;
  /** 1 where the document was asked. */
  isAsked: Uint8Array; // [documents]
  /** One document that was asked behind the other; likewise below. */
  logLikelihoods: Float64Array; // [choices of those asked]
  /** 1 where every token is the likeliest one. */
  isGreedy: Uint8Array; // [choices of those asked]
}

/** What the regimes of a run answered to a task. */
export interface SavedTask extends RunTaskName {
  /** Number of documents, set before the run, from which on its comparisons may be called decided; null where it was not kept. */
  presetItems: number | null;
  /** Ids of what any regime was asked, sorted. */
  documents: readonly string[];
  /** How many continuations each has. */
  choices: Uint8Array; // [documents]
  units: readonly SavedTaskUnit[];
}

/** One regime's answers by document id. */
export interface TaskAnswers extends Pick<SavedTaskUnit, 'key' | 'fold'> {
  scores: ReadonlyMap<string, DocumentScores>;
}

const unit = z.object({
  key: z.enum(REGIME_KEYS),
  trainedOn: z.nullable(z.enum(['A', 'B'])),
  /** One character a document: 1 asked, - not. */
  asked: z.string().check(z.regex(/^[1-]*$/), z.maxLength(MAX_DOCUMENTS)),
  /** Of every continuation of what was asked, in their order; null where it was not finite. */
  logLikelihoods: z.array(z.nullable(z.number().check(z.maximum(0)))).check(z.maxLength(MAX_DOCUMENTS * MAX_CHOICES)),
  /** Likewise, one character each: 1 the likeliest, 0 not. */
  greedy: z.string().check(z.regex(/^[01]*$/), z.maxLength(MAX_DOCUMENTS * MAX_CHOICES)),
});

/** A task as it stands in a run file; how its parts fit together is for `toSavedTask`. */
export const fileTask = z.object({
  ...runTaskName.shape,
  presetItems: z.exactOptional(z.int().check(z.minimum(1), z.maximum(MAX_DOCUMENTS))),
  documents: z.array(z.string()).check(z.minLength(1), z.maxLength(MAX_DOCUMENTS)),
  choices: z.array(z.int().check(z.minimum(1), z.maximum(MAX_CHOICES))),
  regimes: z.array(unit).check(z.minLength(1), z.maxLength(MAX_TASK_UNITS)),
});

type FileTask = z.infer<typeof fileTask>;
type FileUnit = z.infer<typeof unit>;

/** Answers in columns; regimes without one are left out. Null without any. One regime after the other, so that the page stays at hand. */
export async function packAnswers(
  about: RunTaskName & Pick<SavedTask, 'presetItems'>,
  answers: readonly TaskAnswers[],
): Promise<SavedTask | null> {
  const counts = new Map<string, number>();
  for (const { scores } of answers) {
    // A continuation less than in another regime can only be damage.
    for (const [id, { isGreedy }] of scores) if (!counts.has(id)) counts.set(id, isGreedy.length);
  }
  const documents = [...counts.keys()].sort();
  if (documents.length === 0) return null;
  const choices = Uint8Array.from(documents, (id) => counts.get(id) ?? 0);
  const units: SavedTaskUnit[] = [];
  for (const each of answers) {
    await turnEventLoop();
    const unit = packUnit(each, documents, choices);
    if (unit.isGreedy.length > 0) units.push(unit);
  }
  return { ...about, documents, choices, units };
}

function packUnit(
  { key, fold, scores }: TaskAnswers,
  documents: readonly string[],
  choices: Uint8Array,
): SavedTaskUnit {
  const found = documents.map((id, i) => {
    const of = scores.get(id);
    return of?.isGreedy.length === choices[i] ? of : undefined;
  });
  const asked = found.filter((of) => of !== undefined);
  return {
    key,
    fold,
    isAsked: Uint8Array.from(found, (of) => Number(of !== undefined)),
    logLikelihoods: Float64Array.from(asked.flatMap(({ logLikelihoods }) => logLikelihoods)),
    isGreedy: Uint8Array.from(asked.flatMap(({ isGreedy }) => isGreedy.map(Number))),
  };
}

/** One regime's answers out of their columns. */
export function unpackAnswers({ documents, choices }: SavedTask, of: SavedTaskUnit): Map<string, DocumentScores> {
  const scores = new Map<string, DocumentScores>();
  let at = 0;
  for (const [i, id] of documents.entries()) {
    if (of.isAsked[i] !== 1) continue;
    const end = at + (choices[i] ?? 0);
    const logLikelihoods = [...of.logLikelihoods.subarray(at, end)];
    const isGreedy = Array.from(of.isGreedy.subarray(at, end), (each) => each === 1);
    scores.set(id, { logLikelihoods, isGreedy });
    at = end;
  }
  return scores;
}

/** The tasks of a run as text, a regime each: text of megabytes made at once would hold up a page. */
export function* toTaskPieces(tasks: readonly SavedTask[]): Generator<string, void> {
  for (const [i, { units, ...task }] of tasks.entries()) {
    const { name, fingerprint, presetItems, documents, choices } = task;
    const preset = presetItems === null ? {} : { presetItems };
    const head = JSON.stringify({ name, fingerprint, ...preset, documents, choices: [...choices] });
    yield `${i === 0 ? '' : ','}${head.slice(0, -1)},"regimes":[`;
    for (const [j, each] of units.entries()) yield `${j === 0 ? '' : ','}${JSON.stringify(toFileUnit(each))}`;
    yield ']}';
  }
}

function toFileUnit({ key, fold, isAsked, logLikelihoods, isGreedy }: SavedTaskUnit): FileUnit {
  return {
    key,
    trainedOn: fold,
    asked: Array.from(isAsked, (each) => (each === 1 ? '1' : '-')).join(''),
    logLikelihoods: Array.from(logLikelihoods, (value) => (Number.isFinite(value) ? value : null)),
    greedy: isGreedy.join(''),
  };
}

/** The tasks of a run file; throws `input-invalid` where what they hold does not fit together. */
export function toSavedTasks(tasks: readonly FileTask[], fileName: string): readonly SavedTask[] {
  if (new Set(tasks.map(({ fingerprint }) => fingerprint)).size < tasks.length) {
    refuseRun(fileName, 'tasks', 'a list in which a task stands twice');
  }
  return tasks.map((task, i) => toSavedTask(task, fileName, `tasks.${i}`));
}

function toSavedTask(from: FileTask, fileName: string, field: string): SavedTask {
  const { name, fingerprint, presetItems = null, documents, choices, regimes } = from;
  if (new Set(documents).size < documents.length) {
    refuseRun(fileName, `${field}.documents`, 'a list in which an id stands twice');
  }
  expectLength(fileName, `${field}.choices`, choices.length, documents.length);
  const places = new Set(regimes.map(({ key, trainedOn }) => `${key} ${trainedOn}`));
  if (places.size < regimes.length) refuseRun(fileName, `${field}.regimes`, 'a list in which a regime stands twice');
  return {
    name,
    fingerprint,
    presetItems,
    documents,
    choices: Uint8Array.from(choices),
    units: regimes.map((each, i) => toUnit(each, choices, fileName, `${field}.regimes.${i}`)),
  };
}

function toUnit(from: FileUnit, choices: readonly number[], fileName: string, field: string): SavedTaskUnit {
  const { key, trainedOn, asked, logLikelihoods, greedy } = from;
  expectLength(fileName, `${field}.asked`, asked.length, choices.length);
  const count = choices.reduce((sum, each, i) => sum + (asked[i] === '1' ? each : 0), 0);
  expectLength(fileName, `${field}.logLikelihoods`, logLikelihoods.length, count);
  expectLength(fileName, `${field}.greedy`, greedy.length, count);
  return {
    key,
    fold: trainedOn,
    isAsked: Uint8Array.from(asked, (mark) => Number(mark === '1')),
    logLikelihoods: Float64Array.from(logLikelihoods, (value) => value ?? Number.NEGATIVE_INFINITY),
    isGreedy: Uint8Array.from(greedy, Number),
  };
}

function expectLength(fileName: string, field: string, length: number, allowed: number): void {
  if (length !== allowed) refuseRun(fileName, field, `${length} long, where ${allowed} must stand`);
}
