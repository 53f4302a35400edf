import { type Compared, decide, type PairedTest } from '../eval/comparisons.ts';
import { mcnemar } from '../eval/mcnemar.ts';
import { estimateFigures, meanOf } from '../eval/outcomes.ts';
import { itemsNeeded } from '../eval/power.ts';
import type { StudyOptions } from './pool-study.ts';

/** A rule of choice by its place in the sums of a subject. */
export interface SummedRule<Id> {
  id: Id;
  /** Where its right answers stand, and those that it is judged by. */
  part: number;
  whole: number;
  /** How many answers of `whole` a question has: more than 1 where a rule is a mean over prompts. */
  unit: number;
}

/**
 * Each rule against the one whose right answers stand at `reference`, on the same questions, as one declared family: the exact test over
 * subjects of `mcnemar`, the paired bootstrap of the difference over subjects, Holm. A rule that is a mean over prompts is counted in parts of
 * a question, which are whole numbers as well. Nothing is decided before the preset number of questions.
 */
export function compareRules<Id>(
  clusters: readonly (readonly number[])[], // [subjects][sums]
  reference: number,
  rules: readonly SummedRule<Id>[],
  questions: number,
  { presetQuestions = questions, ...options }: StudyOptions,
): ReadonlyMap<Id, PairedTest> {
  const family = rules.flatMap((rule): Compared<{ id: Id }>[] => {
    const paired = clusters.map((sums) => [
      at(sums, rule.part) - rule.unit * at(sums, reference),
      at(sums, rule.whole),
    ]);
    const difference = estimateFigures(paired, questions, [meanOf(0, 1)], options)[0] ?? null;
    if (difference === null) return [];
    const differences = paired.map(([sum = 0]) => sum);
    const comparison = {
      id: rule.id,
      difference,
      p: mcnemar(differences),
      items: questions,
      subjects: clusters.length,
      isEarly: questions < presetQuestions,
    };
    const inQuestions = differences.map((sum) => sum / rule.unit);
    return [{ comparison, toSampleSize: (alpha) => itemsNeeded(inQuestions, questions, { alpha }) }];
  });
  return new Map(decide(family).map(({ id, ...test }) => [id, test]));
}

function at(sums: readonly number[], place: number): number {
  return sums[place] ?? Number.NaN;
}
