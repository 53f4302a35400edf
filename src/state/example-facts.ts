import type { Fact, Relation } from '../core/eval/fact.ts';
import { toQuestion } from './questions.ts';

/**
 * Facts that a room can check in its head, chosen by asking 150 well-known ones of fold B with the first recipe and the
 * repairs that never saw them (first question form, 2026-11-21). They show every outcome, failures too:
 * back with every repair, which is what a first visitor should meet; still known, though less surely; back with both prompts, not with the LoRA; back with
 * the single prompt and the LoRA, not with the routed pool; lost to all. What a pack lacks is passed over.
 */
const CHOSEN: readonly (readonly [relation: string, subject: string])[] = [
  ['landmark_city', 'the Trevi Fountain'],
  ['capital', 'France'],
  ['painting_painter', 'The Scream'],
  ['element_symbol', 'argon'],
  ['book_author', 'Dune'],
];

const NUM_EXAMPLES = 5;

/** Example questions: well-known facts of folds A and B, filled up with the first fact of relations not yet shown. */
export function chooseExamples(facts: readonly Fact[]): readonly Fact[] {
  const askable = facts.filter((fact) => fact.fold === 'A' || fact.fold === 'B');
  const chosen = CHOSEN.flatMap(
    ([relation, subject]) => askable.find((fact) => fact.relation === relation && fact.subject === subject) ?? [],
  );
  for (const fact of askable) {
    if (chosen.length >= NUM_EXAMPLES) break;
    if (!chosen.some((other) => other.relation === fact.relation)) chosen.push(fact);
  }
  return chosen.slice(0, NUM_EXAMPLES);
}

/** A fact and the question that the first way of asking for it gives. */
export interface ExampleQuestion {
  fact: Fact;
  text: string;
}

/** The first `count` example questions; the subject alone where a fact's relation is not known. */
export function chooseQuestions(
  facts: readonly Fact[],
  relations: ReadonlyMap<string, Relation>,
  count = NUM_EXAMPLES,
): readonly ExampleQuestion[] {
  return chooseExamples(facts)
    .slice(0, count)
    .map((fact) => {
      const relation = relations.get(fact.relation);
      return { fact, text: relation === undefined ? fact.subject : toQuestion(fact, relation, 0) };
    });
}
