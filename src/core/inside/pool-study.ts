import { AppError } from '../errors.ts';
import type { PairedTest } from '../eval/comparisons.ts';
import { estimateFigures, type ShareEstimate, shareOf, sumBySubject } from '../eval/outcomes.ts';
import { argmax } from '../eval/scoring.ts';
import type { BootstrapOptions } from '../eval/statistics.ts';
import type { PoolOutcome } from './capture.ts';
import { compareRules } from './compare-rules.ts';

/** A question to a pool, with what its fact is about; the subject is the unit of every interval. */
export interface StudiedQuestion {
  outcome: PoolOutcome;
  /** Which pool answered: twins, each asked what it has not seen, number their prompts alike but share none. */
  pool: string;
  subject: string;
  domain: string;
  relation: string;
}

/** How one prompt of a pool may be picked for a question. */
export type PoolRuleId = 'attention' | 'random' | 'best-single' | 'most-confident' | 'best-of-pool';

/** How a rule of choice fares over a set of questions. */
export interface PoolRule {
  id: PoolRuleId;
  accuracy: ShareEstimate;
  /** Its accuracy minus that of `attention`, tested; null for `attention` itself, and for `best-of-pool`, which knows the answer. */
  againstAttention: PairedTest | null;
}

/** What a pool does over a set of questions. */
export interface PoolFigures {
  n: number;
  numPrompts: number;
  rules: readonly PoolRule[];
  /** For how many questions each prompt is chosen, by domain; domains by name. */
  byDomain: readonly { domain: string; counts: readonly number[] }[];
  /** The same by relation, and of which share of its `n` questions each prompt is right; relations by name. */
  byRelation: readonly RelationFigures[];
}

interface RelationFigures {
  relation: string;
  counts: readonly number[]; // [numPrompts]
  rightCounts: readonly number[]; // [numPrompts]
  rightShares: readonly ShareEstimate[]; // [numPrompts]
  n: number;
}

/** How a study draws, and what its tests wait for. */
export interface StudyOptions extends BootstrapOptions {
  /** Number of questions, set before the run, from which on a test may be called decided; those at hand where none is given. */
  presetQuestions?: number;
}

/** Where the sums of a subject hold what; the rules' accuracies are the first five over `questions` or `answers`. */
const PLACES = { attention: 0, bestSingle: 1, mostConfident: 2, bestOfPool: 3, right: 4, questions: 5, answers: 6 };

/**
 * Accuracy of five ways to pick a prompt, and what is picked where (Hoang et al. 2023, arXiv 2310.00867, with rules to compare it with):
 *
 * - attention: the prompt that the pool is routed to;
 * - random: the mean over all prompts;
 * - best single: one prompt for all questions of a pool. Which is best must not be learned from the answers that it is judged by, so a pool's
 *   subjects are dealt into two halves, and each half is asked behind the prompt that is right most often on the other one (two-fold
 *   cross-validation);
 * - most confident: the prompt whose own answer has the largest mean log-probability;
 * - best of pool: right where any prompt is. It knows the answer, and so includes luck.
 *
 * Intervals are over subjects, as `shareOf` in `eval/outcomes.ts` makes them; the other rules are tested against attention as `compareRules`
 * does. The first prompt wins a tie. Null without questions; throws
 * `input-invalid` where a question has no right answer or another number of prompts.
 */
export function studyPool(questions: readonly StudiedQuestion[], options: StudyOptions = {}): PoolFigures | null {
  const numPrompts = questions[0]?.outcome.answers.length ?? 0;
  if (questions.length === 0) return null;
  for (const { outcome } of questions) expectWhole(outcome, numPrompts);
  const bestSingle = toBestSingle(questions, numPrompts);
  const toTerms = (question: StudiedQuestion) => {
    const { outcome } = question;
    const right = rightOf(outcome);
    const numRight = right.filter(Boolean).length;
    const confident = argmax(outcome.answers.map(({ confidence }) => confidence));
    const picks = [right[outcome.chosen], right[bestSingle(question)], right[confident], numRight > 0];
    return [...picks.map(Number), numRight, 1, numPrompts];
  };
  const { attention, bestSingle: single, mostConfident, bestOfPool, right, questions: n, answers } = PLACES;
  const parts: readonly (readonly [PoolRuleId, part: number, whole: number])[] = [
    ['attention', attention, n],
    ['random', right, answers],
    ['best-single', single, n],
    ['most-confident', mostConfident, n],
    ['best-of-pool', bestOfPool, n],
  ];
  const clusters = sumBySubject(questions, toTerms);
  const figures = parts.map(([, part, whole]) => shareOf(part, whole));
  const estimates = estimateFigures(clusters, questions.length, figures, options);
  const tested = parts
    .filter(([id]) => id !== 'attention' && id !== 'best-of-pool')
    .map(([id, part, whole]) => ({ id, part, whole, unit: whole === answers ? numPrompts : 1 }));
  const tests = compareRules(clusters, attention, tested, questions.length, options);
  return {
    n: questions.length,
    numPrompts,
    rules: parts.flatMap(([id], i) => {
      const accuracy = estimates[i] ?? null;
      return accuracy === null ? [] : [{ id, accuracy, againstAttention: tests.get(id) ?? null }];
    }),
    byDomain: groupBy(questions, ({ domain }) => domain).map(([domain, mine]) => {
      return { domain, counts: countChosen(mine, numPrompts) };
    }),
    byRelation: groupBy(questions, ({ relation }) => relation).map(([relation, mine]) => ({
      relation,
      counts: countChosen(mine, numPrompts),
      rightCounts: countRight(mine, numPrompts),
      rightShares: toRightShares(mine, numPrompts, options),
      n: mine.length,
    })),
  };
}

/** The share of questions that each prompt is right on. */
function toRightShares(
  questions: readonly StudiedQuestion[],
  numPrompts: number,
  options: BootstrapOptions,
): ShareEstimate[] {
  const clusters = sumBySubject(questions, ({ outcome }) => [...rightOf(outcome).map(Number), 1]);
  const figures = Array.from({ length: numPrompts }, (_, prompt) => shareOf(prompt, numPrompts));
  return estimateFigures(clusters, questions.length, figures, options).flatMap((share) => share ?? []);
}

/** The prompt that a question is asked behind: of its pool, the best of the half that its subject is not in. Subjects take turns as they come. */
function toBestSingle(
  questions: readonly StudiedQuestion[],
  numPrompts: number,
): (question: StudiedQuestion) => number {
  const bestOf = new Map<StudiedQuestion, number>();
  for (const [, mine] of groupBy(questions, ({ pool }) => pool)) {
    const subjects = [...new Set(mine.map(({ subject }) => subject))];
    const halfOf = new Map(subjects.map((subject, i) => [subject, i % 2]));
    for (const half of [0, 1]) {
      const others = mine.filter(({ subject }) => halfOf.get(subject) !== half);
      const best = argmax(countRight(others, numPrompts));
      for (const question of mine) if (halfOf.get(question.subject) === half) bestOf.set(question, best);
    }
  }
  return (question) => bestOf.get(question) ?? 0;
}

function countChosen(questions: readonly StudiedQuestion[], numPrompts: number): number[] {
  return Array.from({ length: numPrompts }, (_, prompt) => {
    return questions.filter(({ outcome }) => outcome.chosen === prompt).length;
  });
}

function countRight(questions: readonly StudiedQuestion[], numPrompts: number): number[] {
  return Array.from({ length: numPrompts }, (_, prompt) => {
    return questions.filter(({ outcome }) => rightOf(outcome)[prompt]).length;
  });
}

function groupBy(
  questions: readonly StudiedQuestion[],
  nameOf: (question: StudiedQuestion) => string,
): [name: string, mine: StudiedQuestion[]][] {
  const groups = new Map<string, StudiedQuestion[]>();
  for (const question of questions) {
    const mine = groups.get(nameOf(question));
    if (mine === undefined) groups.set(nameOf(question), [question]);
    else mine.push(question);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

function rightOf({ answers }: PoolOutcome): boolean[] {
  return answers.map(({ isRight }) => isRight === true);
}

function expectWhole({ id, answers, chosen }: PoolOutcome, numPrompts: number): void {
  const isKnown = answers.every(({ isRight }) => isRight !== null);
  if (isKnown && answers.length === numPrompts && chosen < numPrompts) return;
  throw new AppError('input-invalid', `The pool's answers to ${id} cannot be judged.`, {
    field: id,
    observed: `${answers.length} answers, prompt ${chosen} chosen`,
    allowed: `${numPrompts} answers, each known to be right or wrong, and one of them chosen`,
  });
}
