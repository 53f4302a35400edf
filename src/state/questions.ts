import type { Fact, Relation } from '../core/eval/fact.ts';

/** A fact asked in one of its forms. */
export interface AskedFact {
  fact: Fact;
  /** Counts the relation's questions from 0. */
  form: number;
}

/** All the questions that the world can answer, found by their words. */
export interface QuestionIndex {
  /** The fact that a text asks for, word by word; case, spaces and the final mark do not count. */
  findExact(text: string): AskedFact | null;
  /** The facts whose subject and question are closest to a text, best first. */
  findNearest(text: string, count: number): readonly Fact[];
}

/** The question of a fact in one of its forms. */
export function toQuestion(fact: Fact, relation: Relation, form: number): string {
  const question = (relation.questions[form] ?? relation.questions[0] ?? '{s}').replaceAll('{s}', () => fact.subject);
  return question.charAt(0).toUpperCase() + question.slice(1);
}

/** What the model reads before it answers, begin token excluded. */
export function toQuestionContext(question: string): string {
  return `Question: ${question.trim()}\nAnswer:`;
}

export function buildQuestionIndex(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): QuestionIndex {
  const exact = new Map<string, AskedFact>();
  for (const fact of facts) {
    const relation = relations.get(fact.relation);
    relation?.questions.forEach((_, form) => {
      const words = normalize(toQuestion(fact, relation, form));
      if (!exact.has(words)) exact.set(words, { fact, form });
    });
  }
  const subjects = facts.map((fact) => ({ fact, trigrams: toTrigrams(fact.subject) }));
  const forms = [...relations.values()].map((relation) => ({
    id: relation.id,
    trigrams: relation.questions.map((question) => toTrigrams(question.replaceAll('{s}', ''))),
  }));
  return {
    findExact: (text) => exact.get(normalize(text)) ?? null,
    findNearest: (text, count) => {
      const asked = toTrigrams(text);
      if (asked.size === 0) return [];
      const byRelation = new Map(
        forms.map(({ id, trigrams }) => [id, Math.max(0, ...trigrams.map((form) => toDice(form, asked)))]),
      );
      return subjects
        .map(({ fact, trigrams }) => {
          // A subject counts twice: a known name under an unknown question is nearer than the reverse.
          const score = 2 * toCoverage(trigrams, asked) + (byRelation.get(fact.relation) ?? 0);
          return { fact, score, length: trigrams.size };
        })
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score || b.length - a.length)
        .slice(0, count)
        .map(({ fact }) => fact);
    },
  };
}

function normalize(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\s?.!:]+$/, '')
    .trim();
}

/** Runs of three letters, words padded with a space, accents dropped. */
function toTrigrams(text: string): ReadonlySet<string> {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  const trigrams = new Set<string>();
  for (const word of words) {
    const padded = ` ${word} `;
    for (let i = 0; i + 3 <= padded.length; i++) trigrams.add(padded.slice(i, i + 3));
  }
  return trigrams;
}

function countShared(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let shared = 0;
  for (const trigram of some) if (others.has(trigram)) shared++;
  return shared;
}

/** Share of the first's trigrams that the second has. */
function toCoverage(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return some.size === 0 ? 0 : countShared(some, others) / some.size;
}

/** Twice the shared trigrams over all of both (Dice). */
function toDice(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  return some.size === 0 ? 0 : (2 * countShared(some, others)) / (some.size + others.size);
}
