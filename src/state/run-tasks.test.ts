import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { checkAsyncProperty, checkProperty } from '../testing/check-property.ts';
import { expectAppError } from '../testing/expect-error.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { toImportedTasks } from './imported-tasks.ts';
import { parseRunFile, toRunFile } from './run-file.ts';
import { packAnswers, type TaskAnswers, unpackAnswers } from './run-tasks.ts';
import { toBook, toSavedRun } from './saved-run.ts';

const toBytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const ABOUT = { name: 'toy-choice', fingerprint: '0123456789abcdef', presetItems: 60 };
const place = { manifest: makeManifest(), ...makeWorld() };

const toScores = (...logLikelihoods: number[]): DocumentScores => {
  return { logLikelihoods, isGreedy: logLikelihoods.map((value) => value > -1) };
};
const ANSWERS: readonly TaskAnswers[] = [
  { key: 'dense', fold: null, scores: new Map([['a', toScores(-0.5, -2)]]) },
  {
    key: 'idp',
    fold: 'B',
    scores: new Map([
      ['a', toScores(-3, -0.1)],
      ['b', toScores(-1.25)],
    ]),
  },
];

async function makeTask(overrides: Partial<typeof ABOUT> = {}, answers = ANSWERS) {
  const task = await packAnswers({ ...ABOUT, ...overrides }, answers);
  if (task === null) throw new Error('no regime answered');
  return task;
}

const RUN = makeSavedRun({
  tasks: [await makeTask(), await makeTask({ name: 'mine', fingerprint: 'f'.repeat(64) })],
});
const json = () => JSON.parse(toRunFile(RUN));
/** The run with something else in its first task, or in that task's first regime. */
const withTask = (changes: object) => ({ ...json(), tasks: [{ ...json().tasks[0], ...changes }] });
const withUnit = (changes: object) => withTask({ regimes: [{ ...json().tasks[0].regimes[0], ...changes }] });

const continuation = fc.tuple(
  fc.oneof(fc.double({ max: -Number.MIN_VALUE, noNaN: true }), fc.constant(Number.NEGATIVE_INFINITY)),
  fc.boolean(),
);

test('answers to tasks survive the file, whatever they are', async () => {
  const counts = fc.uniqueArray(fc.tuple(fc.string(), fc.integer({ min: 1, max: 5 })), {
    selector: ([id]) => id,
    maxLength: 8,
  });
  const answers = counts.chain((documents) => {
    const scores = fc.tuple(
      ...documents.map(([, count]) => fc.option(fc.array(continuation, { minLength: count, maxLength: count }))),
    );
    return fc.array(scores, { minLength: 1, maxLength: 3 }).map((regimes) =>
      regimes.map((each, i): TaskAnswers => {
        const own = documents.flatMap(([id], at): [string, DocumentScores][] => {
          const of = each[at];
          return of == null ? [] : [[id, { logLikelihoods: of.map(([ll]) => ll), isGreedy: of.map(([, is]) => is) }]];
        });
        return { key: (['dense', 'compressed', 'prompt'] as const)[i] ?? 'idp', fold: null, scores: new Map(own) };
      }),
    );
  });
  await checkAsyncProperty(
    fc.asyncProperty(answers, async (given) => {
      const task = await packAnswers(ABOUT, given);
      const asked = given.filter(({ scores }) => scores.size > 0);
      if (task === null) {
        expect(asked).toEqual([]);
        return;
      }
      const run = parseRunFile(toBytes(toRunFile(makeSavedRun({ tasks: [task] }))), 'run.json');
      expect(run.tasks).toEqual([task]);
      for (const [i, unit] of task.units.entries()) {
        expect(unpackAnswers(task, unit)).toEqual(new Map([...(asked[i]?.scores ?? [])].sort()));
      }
    }),
  );
});

test('a file with answers to tasks is read as it was written, and so is one without facts', async () => {
  expect(parseRunFile(toBytes(toRunFile(RUN)), 'run.json')).toEqual(RUN);
  const bare = makeSavedRun({ units: [], presetItems: null, tasks: RUN.tasks });
  const read = parseRunFile(toBytes(toRunFile(bare)), 'run.json');
  expect(read).toEqual(bare);
  const book = toBook(read, place, 'run.json');
  expect(await toSavedRun({ ...place, book, recipe: bare.recipe, textPrompt: '' }, bare.tasks)).toEqual(bare);
});

test('answers of the dense model alone to a task are of no recipe', async () => {
  const dense = await makeTask({}, ANSWERS.slice(0, 1));
  const book = toBook(makeSavedRun({ units: [] }), place, 'run.json');
  expect(await toSavedRun({ ...place, book, recipe: RUN.recipe, textPrompt: '' }, [dense])).toBeNull();
});

test('a file of an earlier version, without tasks, is read as one that answered none', () => {
  const { tasks, ...earlier } = json();
  expect(tasks).toHaveLength(2);
  const run = parseRunFile(toBytes(earlier), 'run.json');
  expect(run).toEqual({ ...RUN, tasks: [] });
  expect(JSON.parse(toRunFile(run))).toEqual(earlier);
});

test('a document that one regime has with other choices than the rest is left out of it', async () => {
  const other: TaskAnswers = { key: 'compressed', fold: null, scores: new Map([['a', toScores(-1)]]) };
  expect((await makeTask({}, [...ANSWERS, other])).units.map(({ key }) => key)).toEqual(['dense', 'idp']);
});

test.each<[string, () => unknown, RegExp]>([
  ['a name that is none', () => withTask({ name: '../up' }), /"tasks\.0\.name" is "\.\.\/up"/],
  ['a fingerprint that is none', () => withTask({ fingerprint: '__proto__' }), /"tasks\.0\.fingerprint"/],
  ['a preset number of documents below 1', () => withTask({ presetItems: 0 }), /"tasks\.0\.presetItems" is 0/],
  ['a document twice', () => withTask({ documents: ['a', 'a'] }), /"tasks\.0\.documents".*twice/],
  ['no document', () => withTask({ documents: [] }), /"tasks\.0\.documents"/],
  ['a document without choices', () => withTask({ choices: [2, 0] }), /"tasks\.0\.choices\.1" is 0/],
  ['more choices than any task', () => withTask({ choices: [2, 65] }), /"tasks\.0\.choices\.1" is 65/],
  ['choices of a document that is not there', () => withTask({ choices: [2, 1, 1] }), /choices" is 3 long, where 2/],
  ['no regime', () => withTask({ regimes: [] }), /"tasks\.0\.regimes"/],
  ['an unknown regime', () => withUnit({ key: 'constructor' }), /"tasks\.0\.regimes\.0\.key" is "constructor"/],
  ['an unknown fold', () => withUnit({ trainedOn: 'C' }), /"tasks\.0\.regimes\.0\.trainedOn" is "C"/],
  ['marks of too few documents', () => withUnit({ asked: '1' }), /regimes\.0\.asked" is 1 long, where 2/],
  ['a mark that is none', () => withUnit({ asked: '1x' }), /"tasks\.0\.regimes\.0\.asked" is "1x"/],
  ['a log-likelihood above 0', () => withUnit({ logLikelihoods: [0.5, -1] }), /logLikelihoods\.0" is 0\.5/],
  ['too few log-likelihoods', () => withUnit({ logLikelihoods: [-1] }), /logLikelihoods" is 1 long, where 2/],
  ['too many greedy marks', () => withUnit({ greedy: '101' }), /greedy" is 3 long, where 2/],
  ['a greedy mark that is none', () => withUnit({ greedy: '1-' }), /"tasks\.0\.regimes\.0\.greedy" is "1-"/],
  ['a task twice', () => ({ ...json(), tasks: [json().tasks[0], json().tasks[0]] }), /"tasks".*twice/],
  [
    'a regime of a task twice',
    () => withTask({ regimes: [json().tasks[0].regimes[0], json().tasks[0].regimes[0]] }),
    /"tasks\.0\.regimes".*twice/,
  ],
  [
    'a million documents',
    () => withTask({ documents: Array.from({ length: 1e6 }, (_, i) => String(i)) }),
    /"tasks\.0\.documents"/,
  ],
  ['a thousand tasks', () => ({ ...json(), tasks: Array.from({ length: 1000 }, () => json().tasks[0]) }), /"tasks"/],
  ['neither facts nor tasks', () => ({ ...json(), regimes: [], tasks: undefined }), /"regimes" is empty/],
])('a run with %s in its tasks is refused by file, field and value', (_, value, problem) => {
  const { message } = expectAppError(() => parseRunFile(toBytes(value()), 'run.json'), 'input-invalid');
  expect(message).toMatch(/^"run\.json" cannot be read as a run/);
  expect(message).toMatch(problem);
});

test('an infinite log-likelihood, as no page writes it, is refused', () => {
  const text = toRunFile({ ...RUN, units: [] }).replace('-0.5,', '-1e999,');
  expect(expectAppError(() => parseRunFile(toBytes(text), 'run.json'), 'input-invalid').message).toMatch(
    /tasks\.0\.regimes\.0\.logLikelihoods\.0/,
  );
});

test('a regime that the recipe does not have is refused', () => {
  const [task] = RUN.tasks;
  if (task === undefined) throw new Error('the run has no task');
  const units = task.units.map((unit) => ({ ...unit, fold: unit.key === 'idp' ? null : unit.fold }));
  const run = makeSavedRun({ tasks: [{ ...task, units }] });
  expect(expectAppError(() => toImportedTasks(run, place.manifest, 'run.json'), 'input-invalid').message).toMatch(
    /"tasks\.0\.regimes\.1" is "idp" trained on nothing, which this pack does not have/,
  );
});

test('a mutated file with tasks is a run or an error in words', () => {
  const bytes = toBytes(toRunFile(makeSavedRun({ units: [], tasks: RUN.tasks })));
  const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  checkProperty(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const mutated = Uint8Array.from(bytes);
      for (const [at, value] of mutations) mutated[at] = value;
      try {
        const run = parseRunFile(mutated, 'run.json');
        for (const task of run.tasks) for (const unit of task.units) unpackAnswers(task, unit);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    500,
  );
});
