import type { Fact } from '../../core/eval/fact.ts';

/** Subjects that a room knows, first choice first; what the pack lacks is passed over. */
const WELL_KNOWN: readonly (readonly [relation: string, subject: string])[] = [
  ['capital', 'France'],
  ['element_symbol', 'gold'],
  ['book_author', 'Hamlet'],
  ['animal_young', 'cow'],
  ['moon_planet', 'Europa'],
  ['past_tense', 'go'],
  ['capital', 'Japan'],
  ['element_symbol', 'iron'],
];

const NUM_EXAMPLES = 6;

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
