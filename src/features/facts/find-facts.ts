import type { Fact, Relation } from '../../core/eval/fact.ts';

/** Facts of a relation (all for an empty id) whose subject, answer or relation contain every word; accents and case do not count. */
export function findFacts(
  facts: readonly Fact[],
  relations: ReadonlyMap<string, Relation>,
  words: string,
  relationId: string,
): readonly Fact[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  return facts.filter((fact) => {
    if (relationId !== '' && fact.relation !== relationId) return false;
    if (wanted.length === 0) return true;
    const text = fold(`${fact.subject} ${fact.answer} ${relations.get(fact.relation)?.label ?? ''}`);
    return wanted.every((word) => text.includes(word));
  });
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
