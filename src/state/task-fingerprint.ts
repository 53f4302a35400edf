import * as z from 'zod/mini';
import { type DocumentScores, METRICS, type MetricName } from '../core/harness/metrics.ts';
import {
  type AnswersComparison,
  compareAnswers,
  type Difference,
  holdMarks,
  linkedRegime,
  MAX_LINKED_REGIMES,
  regimeMarks,
  toRegimeMarks,
} from './answer-marks.ts';
import type { PlannedUnit } from './evaluation-plan.ts';
import { runTaskName } from './run-task-name.ts';
import { isAsked, MAX_TASK_SEED, orderDocuments } from './task-plan.ts';
import type { TaskEntry } from './task-state.ts';

/** Log-likelihoods of a document that differ by less are the same answer on another device: of texts that have no right and wrong. */
const SAME_NATS = 0.01;

/** What a link tells of a regime's answers to documents without right and wrong. */
const regimeSum = z.object({
  ...linkedRegime,
  /** Log-likelihood of all of them, in nats; null where it was not finite. */
  logLikelihood: z.nullable(z.number().check(z.maximum(0))),
});

/** What a link tells of the answers to a task. */
export const taskFingerprint = z.object({
  name: runTaskName.shape.name,
  task: runTaskName.shape.fingerprint,
  /** Of the order of its documents. */
  seed: z.int().check(z.minimum(0), z.maximum(MAX_TASK_SEED)),
  regimes: z.array(z.union([regimeMarks, regimeSum])).check(z.minLength(1), z.maxLength(MAX_LINKED_REGIMES)),
});

export type TaskFingerprint = z.infer<typeof taskFingerprint>;

/** What a task's fingerprint is made of, and what one is held against. */
export interface TaskSource {
  entry: TaskEntry;
  seed: number;
  units: readonly PlannedUnit[];
  /** A regime's answers by document id. */
  scoresOf: (regimeId: string) => ReadonlyMap<string, DocumentScores>;
}

/** The fingerprint of the answers to a task; null without any. */
export function toTaskFingerprint(source: TaskSource): TaskFingerprint | null {
  const { entry, seed, units } = source;
  const isMarked = toMarkMetric(entry) !== null;
  const regimes = isMarked
    ? toRegimeMarks(units.map((unit) => ({ key: unit.key, fold: unit.fold, marks: toMarks(source, unit) })))
    : toSums(source);
  return regimes.length === 0 ? null : { name: entry.task.config.task, task: entry.fingerprint, seed, regimes };
}

/** Holds the answers to a task against linked ones; `source` has the seed of the link. */
export function compareTask(linked: TaskFingerprint['regimes'], source: TaskSource): AnswersComparison {
  return compareAnswers(linked, (each) => {
    const unit = source.units.find(({ key, fold }) => key === each.key && fold === each.fold);
    if (unit === undefined) return { answered: 0, difference: null };
    if ('hash' in each) return holdMarks(each, toMarks(source, unit));
    const answers = toAnswers(source, unit).slice(0, each.items);
    const isWhole = answers.length === each.items;
    return { answered: answers.length, difference: isWhole ? toNatsDifference(each, toSum(answers)) : null };
  });
}

/** The metric that says right or wrong of a document: the first share of the task; null where it has none. */
function toMarkMetric({ task: { config } }: TaskEntry): MetricName | null {
  return config.metrics.find((name) => METRICS[name].aggregation === 'mean') ?? null;
}

/** Which documents differ is not known of a sum. */
function toNatsDifference({ items, logLikelihood }: z.infer<typeof regimeSum>, here: number | null): Difference | null {
  const isSame =
    logLikelihood === null || here === null
      ? logLikelihood === here
      : Math.abs(here - logLikelihood) <= items * SAME_NATS;
  return isSame ? null : { items: 1, isAtLeast: true };
}

function toSums(source: TaskSource): z.infer<typeof regimeSum>[] {
  return source.units.flatMap((unit) => {
    const answers = toAnswers(source, unit);
    if (answers.length === 0) return [];
    return [{ key: unit.key, fold: unit.fold, items: answers.length, logLikelihood: toSum(answers) }];
  });
}

function toSum(answers: readonly DocumentScores[]): number | null {
  const sum = answers.reduce((total, { logLikelihoods }) => total + (logLikelihoods[0] ?? 0), 0);
  return Number.isFinite(sum) ? sum : null;
}

interface Kept {
  entry: TaskEntry;
  seed: number;
  size: number;
  answers: readonly DocumentScores[];
  marks: string;
}

const kept = new WeakMap<ReadonlyMap<string, DocumentScores>, Kept>();

function toMarks(source: TaskSource, unit: PlannedUnit): string {
  return read(source, unit).marks;
}

function toAnswers(source: TaskSource, unit: PlannedUnit): readonly DocumentScores[] {
  return read(source, unit).answers;
}

/**
 * A regime's answers from the first document that it is asked to the first that it has not answered, right as 1 and wrong as 0 where the
 * task has that. Made anew only where there are more answers than before, since they are only ever added.
 */
function read({ entry, seed, units, scoresOf }: TaskSource, unit: PlannedUnit): Pick<Kept, 'answers' | 'marks'> {
  const scores = scoresOf(unit.regime.id);
  const known = kept.get(scores);
  if (known?.entry === entry && known.seed === seed && known.size === scores.size) return known;
  const metric = toMarkMetric(entry);
  const answers: DocumentScores[] = [];
  const marks: string[] = [];
  for (const document of orderDocuments(entry, seed)) {
    if (!isAsked(document, unit, units)) continue;
    const answer = scores.get(document.id);
    if (answer === undefined) break;
    answers.push(answer);
    if (metric !== null) marks.push(METRICS[metric].toItem(document, answer) === 1 ? '1' : '0');
  }
  const found = { entry, seed, size: scores.size, answers, marks: marks.join('') };
  kept.set(scores, found);
  return found;
}
