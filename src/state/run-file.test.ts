import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { checkProperty } from '../testing/check-property.ts';
import { expectAppError } from '../testing/expect-error.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeSavedRun } from '../testing/make-saved-run.ts';
import { parseRunFile, toRunFile } from './run-file.ts';
import { toBook, toSavedRun } from './saved-run.ts';

const toBytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const RUN = makeSavedRun();
const json = () => JSON.parse(toRunFile(RUN));
const place = { manifest: makeManifest(), ...makeWorld() };
const MANY = Array.from({ length: 10_000 }, () => 1);

function withTimes(ttftMs: readonly number[], perTokenMs: readonly number[]) {
  const timings = { ttftMs, perTokenMs, routingMs: ttftMs.map(() => 0), timerResolutionMs: 0.1 };
  return { ...json(), regimes: [{ ...json().regimes[0], timings }] };
}

test('a run is read as it was written', () => {
  expect(parseRunFile(toBytes(toRunFile(RUN)), 'run.json')).toEqual(RUN);
});

test('a file of an earlier version, without the number of items that was set beforehand, is read as one that does not say', () => {
  const { presetItems, ...earlier } = json();
  expect(presetItems).toBe(18);
  const run = parseRunFile(toBytes(earlier), 'run.json');
  expect(run).toEqual({ ...RUN, presetItems: null });
  expect(JSON.parse(toRunFile(run))).toEqual(earlier);
  expect(toBook(run, place, 'run.json').presets.size).toBe(0);
});

test('a run becomes a book, and the book the same run', async () => {
  const book = toBook(RUN, place, 'run.json');
  expect(await toSavedRun({ ...place, book, recipe: RUN.recipe, textPrompt: '' }, [])).toEqual(RUN);
});

test('a run of the dense model alone is of no recipe', async () => {
  const dense = { ...RUN, units: RUN.units.filter(({ key }) => key === 'dense') };
  expect(
    await toSavedRun({ ...place, book: toBook(dense, place, 'f'), recipe: RUN.recipe, textPrompt: '' }, []),
  ).toBeNull();
});

test('a log-likelihood that is not finite survives the file', () => {
  const [unit] = RUN.units;
  if (unit === undefined) throw new Error('the run has no unit');
  const outcome = { isRight: false, logLikelihood: Number.NEGATIVE_INFINITY, chosenPrompt: null };
  const run = { ...RUN, units: [{ ...unit, outcomes: new Map([['capital/3?0', outcome]]) }] };
  expect(parseRunFile(toBytes(toRunFile(run)), 'run.json')).toEqual(run);
});

test.each<[string, () => unknown, RegExp]>([
  ['another kind', () => ({ ...json(), kind: 'a sweep' }), /"run\.json".*"kind"/],
  ['a later version', () => ({ ...json(), version: 2 }), /"version" is 2, which cannot stand there/],
  ['a field that is missing', () => ({ ...json(), pack: { id: 'atlas' } }), /"pack\.fingerprint" is missing\./],
  ['a date that is none', () => ({ ...json(), device: { ...json().device, date: 'soon' } }), /"device\.date"/],
  ['a preset number of items that is none', () => ({ ...json(), presetItems: 0 }), /"presetItems" is 0/],
  [
    'an unknown regime',
    () => ({ ...json(), regimes: [{ ...json().regimes[0], key: '__proto__' }] }),
    /regimes\.0\.key/,
  ],
  ['a regime twice', () => ({ ...json(), regimes: [json().regimes[0], json().regimes[0]] }), /twice/],
  ['an item twice', () => ({ ...json(), items: json().items.fill('capital/3?0') }), /"items"/],
  ['too few answers', () => ({ ...json(), items: [...json().items, 'capital/4?2'] }), /regimes\.0\.answers/],
  ['an answer that is none', () => ({ ...json(), regimes: [{ ...json().regimes[0], answers: '12' }] }), /answers/],
  [
    'a log-likelihood above 0',
    () => ({ ...json(), regimes: [{ ...json().regimes[0], logLikelihoods: [1] }] }),
    /logLik/,
  ],
  ['a run without its time per token', () => withTimes([1, 2], [1]), /regimes\.0\.timings/],
  ['more timed runs than anybody makes', () => withTimes(MANY, MANY), /regimes\.0\.timings/],
  [
    'a million samples',
    () => ({ ...json(), items: Array.from({ length: 1e6 }, (_, i) => `capital/${i}?0`) }),
    /"items"/,
  ],
])('a run with %s is refused by file and field', (_, value, problem) => {
  expect(expectAppError(() => parseRunFile(toBytes(value()), 'run.json'), 'input-invalid').message).toMatch(problem);
});

test.each([
  ['NaN', toRunFile(RUN).replace('"version":1', '"version":NaN')],
  ['a web page', '<!doctype html><p>not here'],
  ['nothing', ''],
  ['a list', '[1]'],
])('%s is refused', (_, text) => {
  expectAppError(() => parseRunFile(toBytes(text), 'run.json'), 'input-invalid');
});

test('keys of an object that JSON cannot mean change nothing', () => {
  const text = toRunFile(RUN).replace('{', '{"__proto__":{"polluted":true},"constructor":{},');
  expect(parseRunFile(toBytes(text), 'run.json')).toEqual(RUN);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a recipe that cannot be is refused as one', () => {
  expectAppError(() => parseRunFile(toBytes({ ...json(), recipe: { version: 1, steps: [] } }), 'f'), 'recipe-invalid');
});

test('a run of another pack, of unknown questions or an unknown repair is refused', () => {
  const refused = (changes: Partial<typeof RUN>) =>
    expectAppError(() => toBook({ ...RUN, ...changes }, place, 'run.json'), 'input-invalid').message;
  expect(refused({ pack: { id: 'mine', fingerprint: '' } })).toMatch(/pack\.id.*"mine"/);
  const [first] = RUN.units;
  if (first === undefined) throw new Error('the run has no unit');
  const outcomes = new Map([['moon/1?0', { isRight: true, logLikelihood: -1, chosenPrompt: null }]]);
  expect(refused({ units: [{ ...first, outcomes }] })).toMatch(/moon\/1\?0/);
  expect(refused({ pack: { ...RUN.pack, fingerprint: 'toy-0' } })).toMatch(/pack\.fingerprint.*"toy-0"/);
  expect(refused({ units: [{ ...first, key: 'idp' }] })).toMatch(/"idp" trained on nothing/);
});

test.each([
  ['a form that its relation lacks', 'capital/3?3'],
  ['a form in another spelling', 'capital/3?00'],
  ['a development fact', 'capital/0?0'],
  ['a calibration fact', 'capital/20?0'],
])('a run that asked %s is refused, so that no fact counts twice', (_, id) => {
  const [first] = RUN.units;
  if (first === undefined) throw new Error('the run has no unit');
  const outcomes = new Map([
    ...first.outcomes,
    [id, { isRight: true, logLikelihood: -1, chosenPrompt: null }] as const,
  ]);
  const units = [{ ...first, outcomes }];
  expect(expectAppError(() => toBook({ ...RUN, units }, place, 'run.json'), 'input-invalid').message).toContain(id);
});

test('a mutated file is a run or an error in words', () => {
  const bytes = toBytes(toRunFile(RUN));
  const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }));
  checkProperty(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const mutated = Uint8Array.from(bytes);
      for (const [at, value] of mutations) mutated[at] = value;
      try {
        const run = parseRunFile(mutated, 'run.json');
        expect(toBook(run, place, 'run.json').device).toEqual(run.device);
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
      }
    }),
    500,
  );
});
