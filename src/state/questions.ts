import type { Fact, Relation } from '../core/eval/fact.ts';
import { fillForm } from '../core/eval/tasks.ts';

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
  return fillForm(relation.questions[form] ?? relation.questions[0] ?? '{s}', fact.subject);
}

/** Each half is made when it is first asked: together they would hold up the opening page for 30 ms. */
export function buildQuestionIndex(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): QuestionIndex {
  let exact: ReturnType<typeof buildExact> | null = null;
  let nearest: QuestionIndex['findNearest'] | null = null;
  return {
    findExact: (text) => {
      exact ??= buildExact(facts, relations);
      return exact.get(normalize(text)) ?? null;
    },
    findNearest: (text, count) => {
      nearest ??= buildNearest(facts, relations);
      return nearest(text, count);
    },
  };
}

/** Every question by its words. */
function buildExact(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): ReadonlyMap<string, AskedFact> {
  const exact = new Map<string, AskedFact>();
  for (const fact of facts) {
    const relation = relations.get(fact.relation);
    relation?.questions.forEach((_, form) => {
      const words = normalize(toQuestion(fact, relation, form));
      if (!exact.has(words)) exact.set(words, { fact, form });
    });
  }
  return exact;
}

/** Words of the question forms tell relations apart, all other words of a text are looked for in the subjects. */
function buildNearest(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): QuestionIndex['findNearest'] {
  const subjects = facts.map((fact) => ({ fact, words: toWords(fact.subject).map(toTrigrams) }));
  const forms = [...relations.values()].map(({ id, questions }) => ({
    id,
    words: questions.map((question) => new Set(toWords(question.replaceAll('{s}', ' ')))),
  }));
  const formWords = new Set(forms.flatMap(({ words }) => words.flatMap((form) => [...form])));
  return (text, count) => {
    const words = toWords(text);
    const asked = new Set(words);
    const names = words.filter((word) => !formWords.has(word)).map(toTrigrams);
    const byRelation = new Map(
      forms.map(({ id, words: all }) => [id, Math.max(0, ...all.map((form) => toDice(form, asked)))]),
    );
    return subjects
      .map(({ fact, words: subject }) => {
        // A known name under an unknown question is nearer than the reverse; squared, since names alike by half are common.
        const score = 2 * toLikeness(subject, names) ** 2 + (byRelation.get(fact.relation) ?? 0);
        return { fact, score };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, count)
      .map(({ fact }) => fact);
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

/** Words of letters and digits, lower case, accents dropped. */
function toWords(text: string): string[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** Runs of three letters of a word with a space on both sides. */
function toTrigrams(word: string): ReadonlySet<string> {
  const padded = ` ${word} `;
  return new Set(Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3)));
}

/** How well the words of a subject are found among others, spelling aside: the mean over its words, long ones counting more. */
function toLikeness(subject: readonly ReadonlySet<string>[], others: readonly ReadonlySet<string>[]): number {
  let found = 0;
  let all = 0;
  for (const word of subject) {
    found += word.size * Math.max(0, ...others.map((other) => toDice(word, other)));
    all += word.size;
  }
  return all === 0 ? 0 : found / all;
}

/** Twice what two sets share over all of both (Dice). */
function toDice(some: ReadonlySet<string>, others: ReadonlySet<string>): number {
  let shared = 0;
  for (const each of some) if (others.has(each)) shared++;
  return some.size === 0 ? 0 : (2 * shared) / (some.size + others.size);
}
