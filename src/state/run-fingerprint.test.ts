import { expect, test } from 'vitest';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { planItems, planUnits } from './evaluation-plan.ts';
import type { ResultBook } from './result-book.ts';
import { compareRuns, type FingerprintSource, type RunFingerprint, toRunFingerprint } from './run-fingerprint.ts';
import { toBook } from './saved-run.ts';

const manifest = makeManifest();
const { facts, relations } = makeWorld();
const items = planItems(facts, relations, ['A', 'B']);
const { recipe } = makeSavedRun();
const units = planUnits(['idp'], recipe, manifest, '');

/** Answers to the first so many items of the plan in every regime; `changed` are wrong in IDP's twin A. */
function makeSource(answered: number, changed: readonly number[] = []): FingerprintSource {
  const book: ResultBook = toBook(makeSavedRun({ units: [] }), { manifest, facts, relations }, 'run.json');
  for (const { key, fold, regime } of units) {
    const outcomes = items.slice(0, answered).map(({ id }, i) => {
      const isRight = !(key === 'idp' && fold === 'A' && changed.includes(i));
      return [id, { isRight, logLikelihood: -1, chosenPrompt: null }] as const;
    });
    book.outcomes.set(regime.id, new Map(outcomes));
  }
  return { book, manifest, recipe, recipeLabel: 'Magnitude 60 %', textPrompt: '', units, items: () => items };
}

function fingerprint(source: FingerprintSource): RunFingerprint {
  const made = toRunFingerprint(source, null);
  if (made === null) throw new Error('nothing was answered');
  return made;
}

/** How questions about facts compare; anything else is told whole. */
function compareFacts(linked: RunFingerprint, source: FingerprintSource) {
  const comparison = compareRuns(linked, source, 'missing');
  return comparison.status === 'compared' ? comparison.parts[0]?.comparison : comparison;
}

test('the fingerprint of answers is theirs, whatever was answered beside them', () => {
  const linked = fingerprint(makeSource(9));
  expect(linked.regimes.map(({ key, fold, items: n, right }) => [key, fold, n, right])).toEqual([
    ['dense', null, 9, 9],
    ['compressed', null, 9, 9],
    ['idp', 'A', 9, 9],
    ['idp', 'B', 9, 9],
  ]);
  expect(compareFacts(linked, makeSource(9))).toEqual({ status: 'same' });
  expect(compareFacts(linked, makeSource(20, [12]))).toEqual({ status: 'same' });
});

test('answers that come later are told too', () => {
  const source = makeSource(9);
  const before = fingerprint(source);
  const [dense] = units;
  const outcomes = source.book?.outcomes.get(dense?.regime.id ?? '');
  outcomes?.set(items[9]?.id ?? '', { isRight: false, logLikelihood: -1, chosenPrompt: null });
  expect(fingerprint(source).regimes[0]).toMatchObject({ key: 'dense', items: 10, right: 9 });
  expect(compareFacts(before, source)).toEqual({ status: 'same' });
});

test('only answers without a gap from the first item on are told', () => {
  const source = makeSource(9);
  const [dense] = units;
  source.book?.outcomes.get(dense?.regime.id ?? '')?.delete(items[4]?.id ?? '');
  expect(fingerprint(source).regimes[0]).toMatchObject({ key: 'dense', items: 4 });
});

test('what differs is told by regime and number of items', () => {
  const linked = fingerprint(makeSource(9, [1]));
  expect(compareFacts(linked, makeSource(9, [2, 5]))).toEqual({
    status: 'differs',
    regimes: [{ key: 'idp', fold: 'A', items: 3, isAtLeast: false }],
  });
});

test('a run of too many answers to tell each is still known to differ', () => {
  const linked = fingerprint(makeSource(9));
  const short = { ...linked, regimes: linked.regimes.map((regime) => ({ ...regime, answers: null })) };
  expect(compareFacts(short, makeSource(9))).toEqual({ status: 'same' });
  expect(compareFacts(short, makeSource(9, [2, 5]))).toEqual({
    status: 'differs',
    regimes: [{ key: 'idp', fold: 'A', items: 2, isAtLeast: true }],
  });
});

test('what was not measured, or only in part, is no difference', () => {
  const linked = fingerprint(makeSource(9));
  expect(toRunFingerprint(makeSource(0), null)).toBeNull();
  expect(compareFacts(linked, { ...makeSource(0), book: null })).toEqual({ status: 'unmeasured', total: 36 });
  expect(compareFacts(linked, makeSource(4, [1]))).toEqual({ status: 'partial', done: 16, total: 36 });
});

test('another pack, other items or another recipe are not compared', () => {
  const linked = fingerprint(makeSource(9));
  expect(compareFacts({ ...linked, pack: 'x' }, makeSource(9))).toEqual({ status: 'other-pack' });
  expect(compareFacts(linked, { ...makeSource(9), items: () => items.slice(1) })).toEqual({ status: 'other-pack' });
  const other = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.5, granularity: 'global' }] } as const;
  expect(compareFacts(linked, { ...makeSource(9), recipe: other })).toEqual({
    status: 'other-recipe',
    linkedLabel: 'Magnitude 60 %',
  });
});

test('another text prompt is told, and its regime is not compared', () => {
  const asked = planUnits(['text'], recipe, manifest, 'Answer briefly.');
  const source: FingerprintSource = { ...makeSource(9), textPrompt: 'Answer briefly. ', units: asked };
  for (const { regime } of asked) {
    const outcomes = items
      .slice(0, 9)
      .map(({ id }) => [id, { isRight: true, logLikelihood: -1, chosenPrompt: null }] as const);
    source.book?.outcomes.set(regime.id, new Map(outcomes));
  }
  const linked = fingerprint(source);
  expect(linked.regimes.map(({ key }) => key)).toContain('text');
  expect(compareRuns(linked, source, 'missing')).toMatchObject({ isOtherText: false, parts: [{ items: 9 }] });
  const other = { ...source, textPrompt: 'Answer.', units: planUnits(['text'], recipe, manifest, 'Answer.') };
  expect(compareRuns(linked, other, 'missing')).toEqual({
    status: 'compared',
    isOtherText: true,
    parts: [{ task: null, items: 9, comparison: { status: 'same' } }],
  });
});
