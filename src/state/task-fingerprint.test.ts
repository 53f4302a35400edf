import { expect, test } from 'vitest';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { parseTaskFiles } from '../core/harness/task-files.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { planUnits } from './evaluation-plan.ts';
import {
  compareTask,
  type TaskFingerprint,
  type TaskSource,
  taskFingerprint,
  toTaskFingerprint,
} from './task-fingerprint.ts';
import { isAsked, orderDocuments } from './task-plan.ts';
import type { TaskEntry } from './task-state.ts';

const units = planUnits(['idp'], makeSavedRun().recipe, makeManifest(), '');

function makeEntry(toLine: (i: number) => object): TaskEntry {
  const lines = Array.from({ length: 12 }, (_, i) => JSON.stringify({ id: `d${i}`, ...toLine(i) }));
  const bytes = new TextEncoder().encode(lines.join('\n'));
  const task = parseTaskFiles({ documents: { name: 'mine.jsonl', bytes }, config: null });
  return { id: 'own-1', isOwn: true, fingerprint: 'ab'.repeat(32), task };
}

const CHOICE = makeEntry((i) => ({ question: `Q${i}?`, choices: ['yes', 'no'], label: 0, fold: i < 6 ? 'A' : 'B' }));
const TEXT = makeEntry((i) => ({ text: `Sentence ${i}.` }));

const RIGHT: DocumentScores = { logLikelihoods: [-1, -2], isGreedy: [false, false] };
const WRONG: DocumentScores = { logLikelihoods: [-2, -1], isGreedy: [false, false] };

/** Answers to the first so many documents that each regime is asked. */
function makeSource(
  entry: TaskEntry,
  answered: number,
  toScores: (place: number, regimeId: string) => DocumentScores = () => RIGHT,
  seed = 1,
): TaskSource {
  const found = new Map(
    units.map((unit) => {
      const asked = orderDocuments(entry, seed).filter((document) => isAsked(document, unit, units));
      const scores = asked.slice(0, answered).map(({ id }, place) => [id, toScores(place, unit.regime.id)] as const);
      return [unit.regime.id, new Map(scores)];
    }),
  );
  return { entry, seed, units, scoresOf: (regimeId) => found.get(regimeId) ?? new Map() };
}

function fingerprint(source: TaskSource): TaskFingerprint {
  const made = toTaskFingerprint(source);
  if (made === null) throw new Error('nothing was answered');
  return made;
}

test('the fingerprint of answers to a task tells right and wrong in the order of its seed, and passes as part of a link', () => {
  const linked = fingerprint(makeSource(CHOICE, 5, (place) => (place === 2 ? WRONG : RIGHT)));
  expect(linked).toMatchObject({ name: 'mine', task: CHOICE.fingerprint, seed: 1 });
  expect(linked.regimes.map(({ key, fold, items }) => [key, fold, items])).toEqual([
    ['dense', null, 5],
    ['compressed', null, 5],
    ['idp', 'A', 5],
    ['idp', 'B', 5],
  ]);
  expect(linked.regimes[0]).toMatchObject({ right: 4, answers: 'd8' });
  expect(taskFingerprint.parse(JSON.parse(JSON.stringify(linked)))).toEqual(linked);
  expect(toTaskFingerprint(makeSource(CHOICE, 0))).toBeNull();
});

test('the same answers are the same, and fewer are a part of them', () => {
  const linked = fingerprint(makeSource(CHOICE, 5));
  expect(compareTask(linked.regimes, makeSource(CHOICE, 5))).toEqual({ status: 'same' });
  expect(compareTask(linked.regimes, makeSource(CHOICE, 12))).toEqual({ status: 'same' });
  expect(compareTask(linked.regimes, makeSource(CHOICE, 3))).toEqual({ status: 'partial', done: 12, total: 20 });
  expect(compareTask(linked.regimes, makeSource(CHOICE, 0))).toEqual({ status: 'unmeasured', total: 20 });
});

test('documents that differ are counted, regime by regime', () => {
  const linked = fingerprint(makeSource(CHOICE, 5));
  const here = makeSource(CHOICE, 5, (place, id) => (id === 'dense' && place > 2 ? WRONG : RIGHT));
  expect(compareTask(linked.regimes, here)).toEqual({
    status: 'differs',
    regimes: [{ key: 'dense', fold: null, items: 2, isAtLeast: false }],
  });
});

test('answers that came in another order are held against the order of the link', () => {
  const linked = fingerprint(makeSource(CHOICE, 12));
  const { scoresOf } = makeSource(CHOICE, 12, () => RIGHT, 2);
  expect(compareTask(linked.regimes, { entry: CHOICE, seed: 1, units, scoresOf })).toEqual({ status: 'same' });
});

test('texts without right and wrong are held against each other by their log-likelihood, which another device rounds otherwise', () => {
  const toScores = (nats: number) => (place: number) => ({ logLikelihoods: [nats - place], isGreedy: [false] });
  const linked = fingerprint(makeSource(TEXT, 4, toScores(-7)));
  expect(linked.regimes[0]).toEqual({ key: 'dense', fold: null, items: 4, logLikelihood: -34 });
  expect(compareTask(linked.regimes, makeSource(TEXT, 4, toScores(-7.0001)))).toEqual({ status: 'same' });
  const differing = compareTask(linked.regimes, makeSource(TEXT, 6, toScores(-7.1)));
  expect(differing).toMatchObject({ status: 'differs' });
  expect(differing.status === 'differs' && differing.regimes[0]).toMatchObject({ items: 1, isAtLeast: true });
});

test('more than a seed or a hash can be is no fingerprint', () => {
  const linked = fingerprint(makeSource(CHOICE, 5));
  for (const changes of [{ seed: 1e9 }, { task: '../secret' }, { regimes: [] }, { name: '<b>mine</b>' }]) {
    expect(taskFingerprint.safeParse({ ...linked, ...changes }).success).toBe(false);
  }
});
