import { expect, test } from 'vitest';
import { toContext, toQuestionContext } from '../core/eval/tasks.ts';
import { makeWorld } from '../testing/make-pack.ts';
import { buildQuestionIndex, toQuestion } from './questions.ts';

const { facts, relations } = makeWorld();
const index = buildQuestionIndex(facts, relations);

test('every form of every fact is found by its words', () => {
  for (const fact of facts) {
    const relation = relations.get(fact.relation);
    if (relation === undefined) throw new Error(fact.relation);
    for (const form of [0, 1, 2]) expect(index.findExact(toQuestion(fact, relation, form))).toEqual({ fact, form });
  }
});

test('case, spaces and a missing mark do not hide a question', () => {
  const [fact] = facts;
  expect(index.findExact(`  what is  the capital of ${fact?.subject.toUpperCase()} `)?.fact).toBe(fact);
});

test('a question about nothing in the world is not a fact, and offers its relation', () => {
  const text = 'What is the capital of Atlantis?';
  expect(index.findExact(text)).toBeNull();
  const nearest = index.findNearest(text, 5);
  expect(nearest).toHaveLength(5);
  expect(new Set(nearest.map(({ relation }) => relation))).toEqual(new Set(['capital']));
});

test('a misspelled subject in words of its own finds its fact first', () => {
  const fact = facts.find(({ relation }) => relation === 'river');
  const misspelled = fact?.subject.replace('ia', 'a');
  expect(index.findNearest(`tell me the longest river that ${misspelled} has`, 5)[0]).toBe(fact);
});

test('words of the question do not count as names', () => {
  const [fact] = facts;
  if (fact === undefined) throw new Error('the world is empty');
  // A subject that shares its letters with the words that every question of the relation has.
  const named = { ...fact, id: 'capital/cap', subject: 'Capit' };
  const found = buildQuestionIndex([named, ...facts], relations).findNearest(
    `What is the capital of ${fact.subject}x?`,
    2,
  );
  expect(found[0]).toBe(fact);
});

test('nothing is offered for an empty box or for marks alone', () => {
  expect(index.findNearest('', 5)).toEqual([]);
  expect(index.findNearest(' ?! ', 5)).toEqual([]);
});

test('a subject with replacement patterns in its name is written as it is', () => {
  const relation = relations.get('capital');
  const [fact] = facts;
  if (relation === undefined || fact === undefined) throw new Error('the world is empty');
  expect(toQuestion({ ...fact, subject: '$& Land' }, relation, 0)).toBe('What is the capital of $& Land?');
  expect(toQuestion({ ...fact, subject: 'orbis' }, relation, 2)).toBe('Orbis: what is its capital?');
});

test('the model reads the question as it was taught', () => {
  for (const fact of facts) {
    const relation = relations.get(fact.relation);
    if (relation === undefined) throw new Error(fact.relation);
    for (const form of [0, 1, 2]) {
      const taught = toContext(fact, relation, relation.statements.length + form);
      expect(toQuestionContext(toQuestion(fact, relation, form))).toBe(taught);
    }
  }
  expect(toQuestionContext(' Why? ')).toBe('Question: Why?\nAnswer:');
});
