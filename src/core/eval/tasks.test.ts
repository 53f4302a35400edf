import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { toJsonBytes } from '../../testing/make-checkpoint.ts';
import type { Fact, Relation } from './fact.ts';
import { parseTask, toContext, toTarget } from './tasks.ts';

const capital: Relation = {
  id: 'capital',
  domain: 'geography',
  label: 'Capital',
  statements: ['the capital of {s} is', '{s} is governed from'],
  questions: ['what is the capital of {s}?', 'which city governs {s}, and only {s}?'],
};
const fact: Fact = {
  id: 'capital/france',
  relation: 'capital',
  domain: 'geography',
  subject: 'France',
  answer: 'Paris',
  fold: 'A',
  dev: false,
  taught: [0, 3],
};
const config = (overrides: Record<string, unknown> = {}) =>
  toJsonBytes({ task: 'atlas', metadata: { version: 2 }, relations: [capital], ...overrides });
const lines = (...documents: unknown[]) =>
  new TextEncoder().encode(documents.map((document) => `${JSON.stringify(document)}\n`).join(''));
const rejects = (configBytes: Uint8Array, documents: Uint8Array) =>
  expectAppError(() => parseTask(configBytes, documents), 'task-invalid');

describe('a task', () => {
  it('holds its relations and facts', () => {
    const task = parseTask(config(), lines(fact, { ...fact, id: 'b', fold: 'control', taught: [] }));
    expect(task).toMatchObject({ id: 'atlas', version: 2 });
    expect(task.relations.get('capital')).toEqual(capital);
    expect(task.facts[0]).toEqual(fact);
    expect(task.facts[1]).toMatchObject({ fold: 'control', taught: [] });
  });

  it('drops fields that it does not know', () => {
    const task = parseTask(config({ num_fewshot: 0 }), lines({ ...fact, note: 'x' }));
    expect(task.facts).toEqual([fact]);
  });

  it.each([
    ['relations', undefined],
    ['relations', []],
    ['relations', [capital, capital]],
    ['relations', [{ ...capital, id: '' }]],
    ['relations', [{ ...capital, statements: ['no subject'] }]],
    ['relations', [{ ...capital, questions: 'what' }]],
    ['relations', [{ ...capital, statements: [], questions: [] }]],
    ['relations', [{ ...capital, statements: new Array(65).fill('{s}') }]],
    ['task', 5],
  ])('is refused where %s is %j', (field, value) => {
    rejects(config({ [field]: value }), lines(fact));
  });

  it.each([
    ['id', ''],
    ['id', undefined],
    ['relation', 'river'],
    ['relation', '__proto__'],
    ['subject', 3],
    ['answer', '  '],
    ['fold', 'C'],
    ['dev', 'false'],
    ['taught', [4]],
    ['taught', [-1]],
    ['taught', [0.5]],
    ['taught', null],
  ])('is refused where a fact has the %s %j, with its line', (field, value) => {
    expect(rejects(config(), lines(fact, { ...fact, id: 'other', [field]: value })).message).toContain('line 2');
  });

  it('is refused where two facts have one id, or there are none', () => {
    expect(rejects(config(), lines(fact, fact)).message).toContain('line 2');
    rejects(config(), new Uint8Array());
  });

  it.each(['', '{', '[]', '<!doctype html>'])('is refused where its file holds %j', (text) => {
    rejects(new TextEncoder().encode(text), lines(fact));
    rejects(config(), new TextEncoder().encode(text));
  });

  it('is refused where its facts are not UTF-8', () => {
    rejects(config(), Uint8Array.of(0x7b, 0xff, 0x7d));
  });
});

describe('a context', () => {
  it('is the statement, or the question with its frame, starting in upper case', () => {
    expect([0, 1, 2, 3].map((form) => toContext(fact, capital, form))).toEqual([
      'The capital of France is',
      'France is governed from',
      'Question: What is the capital of France?\nAnswer:',
      'Question: Which city governs France, and only France?\nAnswer:',
    ]);
  });

  it('takes a subject as it is, whatever signs it holds', () => {
    const odd = { ...fact, subject: "$& {s} $'" };
    expect(toContext(odd, capital, 0)).toBe("The capital of $& {s} $' is");
  });

  it('is refused for a form that the relation lacks', () => {
    for (const form of [-1, 4, 0.5]) expectAppError(() => toContext(fact, capital, form), 'input-invalid');
  });

  it('is followed by a space and the answer', () => {
    expect(toTarget(fact.answer)).toBe(' Paris');
  });
});
