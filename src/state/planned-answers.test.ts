import { expect, it } from 'vitest';
import { makeOutcomeSet } from '../testing/make-outcomes.ts';
import { NOT_ASKED } from './outcome-set.ts';
import { toPlannedAnswers } from './planned-answers.ts';
import type { Outcome } from './result-book.ts';

const { plan } = makeOutcomeSet({ facts: 10 }).set;
const ids = plan.items.map(({ id }) => id);
const answer = (isRight: boolean, probability: number): Outcome => ({
  isRight,
  logLikelihood: Math.log(probability),
  chosenPrompt: null,
});

it('puts answers in the order of the plan, whatever the order they came in, and leaves out what is not of it', () => {
  const [first = '', second = '', third = ''] = ids;
  const outcomes = new Map([
    [third, answer(false, 0.3)],
    ['of another pack?0', answer(true, 1)],
    [first, answer(true, 0.9)],
    [second, answer(true, 0.6)],
  ]);
  const { right, probabilities } = toPlannedAnswers(outcomes, plan);
  expect([...right]).toEqual([1, 1, 0, ...ids.slice(3).map(() => NOT_ASKED)]);
  expect(probabilities[0]).toBeCloseTo(0.6, 6);
  expect(probabilities[1]).toBeNaN();
});

it('sees an answer that comes later, and looks nothing up twice', () => {
  const outcomes = new Map([[ids[0] ?? '', answer(true, 0.9)]]);
  const before = toPlannedAnswers(outcomes, plan);
  expect(toPlannedAnswers(outcomes, plan)).toBe(before);
  outcomes.set(ids[1] ?? '', answer(false, 0.1));
  expect([...toPlannedAnswers(outcomes, plan).right].slice(0, 2)).toEqual([1, 0]);
  expect([...before.right].slice(0, 2)).toEqual([1, NOT_ASKED]);
});

it('belongs to one plan', () => {
  const outcomes = new Map([[ids[0] ?? '', answer(true, 0.9)]]);
  toPlannedAnswers(outcomes, plan);
  const { plan: other } = makeOutcomeSet({ facts: 4 }).set;
  expect(toPlannedAnswers(outcomes, other).right).toHaveLength(other.items.length);
});
