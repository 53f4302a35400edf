import type { Fact, Relation } from '../../core/eval/fact.ts';

/** Subjects that a room knows, first choice first; what the pack lacks is passed over. */
const WELL_KNOWN: readonly (readonly [relation: string, subject: string])[] = [
  ['capital', 'France'],
  ['element_symbol', 'gold'],
  ['painting_painter', 'Mona Lisa'],
  ['moon_planet', 'Europa'],
  ['book_author', 'Hamlet'],
];

const NUM_EXAMPLES = 5;

/** Example questions: well-known facts of folds A and B, filled up with the first fact of relations not yet shown. */
export function chooseExamples(facts: readonly Fact[]): readonly Fact[] {
  const askable = facts.filter((fact) => fact.fold === 'A' || fact.fold === 'B');
  const chosen = WELL_KNOWN.flatMap(
    ([relation, subject]) => askable.find((fact) => fact.relation === relation && fact.subject === subject) ?? [],
  );
  for (const fact of askable) {
    if (chosen.length >= NUM_EXAMPLES) break;
    if (!chosen.some((other) => other.relation === fact.relation)) chosen.push(fact);
  }
  return chosen.slice(0, NUM_EXAMPLES);
}

/** The first way in which a fact's relation asks for it; the subject alone where the relation is not known. */
export function toQuestionText(fact: Fact, relations: ReadonlyMap<string, Relation>): string {
  const question = relations.get(fact.relation)?.questions[0];
  return question === undefined ? fact.subject : question.replaceAll('{s}', fact.subject);
}
