import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { wilson } from '../eval/statistics.ts';
import { type PoolRuleId, type StudiedQuestion, studyPool } from './pool-study.ts';

/** A question that is answered `right[prompt]`, each prompt as sure as `sure` says. */
function question(
  subject: string,
  { chosen, right, sure = right.map((_, i) => -i - 1) }: { chosen: number; right: boolean[]; sure?: number[] },
  { domain = 'countries', relation = 'capital', pool = 'a' } = {},
): StudiedQuestion {
  const answers = right.map((isRight, i) => ({ text: 'any', confidence: sure[i] ?? 0, isRight }));
  return { outcome: { id: subject, scores: right.map(() => 0), chosen, answers }, pool, subject, domain, relation };
}

const accuracyOf = (questions: readonly StudiedQuestion[], id: PoolRuleId) => {
  return studyPool(questions)?.rules.find((rule) => rule.id === id)?.accuracy;
};

describe('the rules', () => {
  const questions = [
    question('Chad', { chosen: 1, right: [false, true, false], sure: [-3, -2, -1] }),
    question('Peru', { chosen: 0, right: [false, true, true], sure: [-3, -2, -1] }),
    question('Oman', { chosen: 2, right: [false, true, false], sure: [-1, -2, -3] }),
    question('Mali', { chosen: 0, right: [true, false, false], sure: [-1, -2, -3] }),
  ];

  it('judges the prompt that was chosen, the surest one, and any that is right', () => {
    expect(accuracyOf(questions, 'attention')?.value).toBe(0.5);
    expect(accuracyOf(questions, 'most-confident')?.value).toBe(0.5);
    expect(accuracyOf(questions, 'best-of-pool')?.value).toBe(1);
  });

  it('expects of a random pick the mean over prompts', () => {
    expect(accuracyOf(questions, 'random')?.value).toBeCloseTo(5 / 12, 12);
  });

  it('takes the intervals of Wilson where every subject is asked once', () => {
    expect(accuracyOf(questions, 'attention')).toMatchObject(wilson(2, 4));
  });

  it('draws whole subjects where some are asked more often', () => {
    const twice = [...questions, question('Chad', { chosen: 1, right: [false, true, false] })];
    const { value, low = 0, high = 0 } = accuracyOf(twice, 'attention') ?? {};
    expect(value).toBe(0.6);
    expect(low).toBeLessThan(0.6);
    expect(high).toBeGreaterThan(0.6);
    expect(accuracyOf(twice, 'attention')).not.toMatchObject(wilson(3, 5));
  });

  it('picks the best single prompt by the other half of the subjects', () => {
    // Chad and Oman know prompt 1, Peru and Mali prompt 2: each half is asked behind the other one's favourite, and nothing is right.
    const split = [
      question('Chad', { chosen: 0, right: [false, true, false] }),
      question('Peru', { chosen: 0, right: [false, false, true] }),
      question('Oman', { chosen: 0, right: [false, true, false] }),
      question('Mali', { chosen: 0, right: [false, false, true] }),
    ];
    expect(accuracyOf(split, 'best-single')?.value).toBe(0);
    // Chad and Oman are asked behind prompt 0, the first of three that know one of Peru and Mali; those behind prompt 1, which Peru knows.
    expect(accuracyOf(questions, 'best-single')?.value).toBe(0.25);
  });

  it('looks for the best single prompt of each pool by itself', () => {
    const [knowsFirst, knowsSecond] = [
      { chosen: 0, right: [true, false] },
      { chosen: 0, right: [false, true] },
    ];
    const twins = [
      question('Chad', knowsFirst),
      question('Peru', knowsSecond, { pool: 'b' }),
      question('Oman', knowsFirst),
      question('Mali', knowsSecond, { pool: 'b' }),
    ];
    expect(accuracyOf(twins, 'best-single')?.value).toBe(1);
  });

  it('keeps all questions of a subject in one half', () => {
    const one = [1, 2, 3].map(() => question('Chad', { chosen: 0, right: [false, true] }));
    // There is no other half to learn from, so the first prompt stands for it.
    expect(accuracyOf(one, 'best-single')?.value).toBe(0);
  });

  it('has one answer to all rules in a pool of one', () => {
    const alone = [question('Chad', { chosen: 0, right: [true] }), question('Peru', { chosen: 0, right: [false] })];
    expect(studyPool(alone)?.rules.map(({ accuracy }) => accuracy.value)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
  });
});

describe('the tests of the rules', () => {
  const facts = (count: number, from: number, what: Parameters<typeof question>[1]) =>
    Array.from({ length: count }, (_, i) => question(`subject ${from + i}`, what));
  // The surest prompt is right alone 10 times, the chosen one twice; on 8 both are.
  const questions = [
    ...facts(10, 0, { chosen: 1, right: [true, false] }),
    ...facts(2, 10, { chosen: 1, right: [false, true] }),
    ...facts(8, 12, { chosen: 1, right: [true, true] }),
  ];
  const testOf = (id: PoolRuleId, presetQuestions?: number) => {
    const options = presetQuestions === undefined ? {} : { presetQuestions };
    return studyPool(questions, options)?.rules.find((rule) => rule.id === id)?.againstAttention;
  };

  it('holds each other rule against attention on the same questions, by the exact test over subjects', () => {
    const test = testOf('most-confident');
    expect(test?.difference.value).toBeCloseTo(8 / 20, 12);
    // 2 of 12 or fewer, two-sided: 2 (1 + 12 + 66) / 4096.
    expect(test?.p).toBeCloseTo(158 / 4096, 12);
    expect(test).toMatchObject({ items: 20, subjects: 20, isExploratory: false, isEarly: false });
    expect(test?.difference.low).toBeLessThan(0.4);
    expect(test?.difference.high).toBeGreaterThan(0.4);
  });

  it('counts a random pick in parts of a question', () => {
    const test = testOf('random');
    expect(test?.difference.value).toBeCloseTo(4 / 20, 12);
    // Half a question each time, so the signs are those of the surest prompt, and so is the test.
    expect(test?.p).toBeCloseTo(158 / 4096, 12);
    expect(test?.sampleSize).toMatchObject({ difference: 0.2, have: 20 });
  });

  it('adjusts over the three that are tested; attention itself and the bound are left out', () => {
    expect(testOf('attention')).toBeNull();
    expect(testOf('best-of-pool')).toBeNull();
    expect(testOf('most-confident')?.adjustedP).toBeCloseTo((3 * 158) / 4096, 12);
    expect(testOf('most-confident')?.isDecided).toBe(false);
  });

  it('decides where p stays small, and never before the number of questions that was set', () => {
    const clear = facts(12, 0, { chosen: 1, right: [true, false] });
    const decidedOf = (presetQuestions: number) =>
      studyPool(clear, { presetQuestions })?.rules.map(({ againstAttention }) => againstAttention?.isDecided ?? null);
    expect(decidedOf(12)).toEqual([null, true, true, true, null]);
    expect(decidedOf(13)).toEqual([null, false, false, false, null]);
  });

  it('takes subjects for the units: questions of one subject alone decide nothing', () => {
    const one = Array.from({ length: 40 }, () => question('Chad', { chosen: 1, right: [true, false] }));
    const rules = studyPool([...one, question('Peru', { chosen: 1, right: [true, false] })])?.rules ?? [];
    const test = rules.find(({ id }) => id === 'most-confident')?.againstAttention;
    expect(test).toMatchObject({ p: 0.5, subjects: 2, items: 41, isDecided: false });
  });
});

it('gives the share of right answers of every relation an interval over its subjects', () => {
  const capital = [true, true, false, true].map((isRight, i) =>
    question(`subject ${i}`, { chosen: 0, right: [isRight, false] }),
  );
  const river = [true, false, true].map((isRight, i) =>
    question(`subject ${Math.floor(i / 2)}`, { chosen: 0, right: [isRight, false] }, { relation: 'river' }),
  );
  const [ofCapital, ofRiver] =
    studyPool([...capital, ...river])?.byRelation.map(({ rightShares }) => rightShares) ?? [];
  expect(ofCapital?.[0]).toEqual({ ...wilson(3, 4), method: 'wilson', items: 4, subjects: 4 });
  expect(ofRiver?.[0]).toMatchObject({ value: 2 / 3, method: 'cluster-bootstrap', items: 3, subjects: 2 });
});

it('counts choices by domain, and choices and right answers by relation', () => {
  const study = studyPool([
    question('Chad', { chosen: 1, right: [false, true] }, { domain: 'countries', relation: 'currency' }),
    question('Chad', { chosen: 1, right: [true, true] }, { domain: 'countries', relation: 'capital' }),
    question('Peru', { chosen: 0, right: [true, false] }, { domain: 'countries', relation: 'capital' }),
    question('Dune', { chosen: 0, right: [false, false] }, { domain: 'books', relation: 'author' }),
  ]);
  expect(study).toMatchObject({
    n: 4,
    numPrompts: 2,
    byDomain: [
      { domain: 'books', counts: [1, 0] },
      { domain: 'countries', counts: [1, 2] },
    ],
    byRelation: [
      { relation: 'author', counts: [1, 0], rightCounts: [0, 0], n: 1 },
      { relation: 'capital', counts: [1, 1], rightCounts: [2, 1], n: 2 },
      { relation: 'currency', counts: [0, 1], rightCounts: [0, 1], n: 1 },
    ],
  });
});

it('has nothing to study without questions', () => {
  expect(studyPool([])).toBeNull();
});

it('refuses answers that are neither right nor wrong, and pools of other sizes', () => {
  const [known, other] = [
    question('Chad', { chosen: 0, right: [true, false] }),
    question('Peru', { chosen: 0, right: [true] }),
  ];
  const unknown = {
    ...known,
    outcome: { ...known.outcome, answers: known.outcome.answers.map((answer) => ({ ...answer, isRight: null })) },
  };
  expectAppError(() => studyPool([unknown]), 'input-invalid');
  expectAppError(() => studyPool([known, other]), 'input-invalid');
});
