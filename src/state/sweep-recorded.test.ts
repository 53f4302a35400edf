import { expect, test } from 'vitest';
import { toStep } from '../core/compress/levels.ts';
import { mcnemar } from '../core/eval/mcnemar.ts';
import { SWEEP_ID } from '../core/pack/manifest.ts';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform, PACK_URL } from '../testing/fake-platform.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeCell, makeDensePoint, makePoint, makeSweepResults } from '../testing/make-sweep.ts';
import { until } from '../testing/until.ts';
import { planItems } from './evaluation-plan.ts';
import { NOT_ASKED } from './outcome-set.ts';
import { fromCodesText, toCodesText } from './recorded-answers.ts';
import type { Estimate } from './results.ts';
import { createStores, type Stores } from './stores.ts';
import type { SweepPoint } from './sweep-state.ts';
import { toSweepFile } from './write-sweep.ts';

const PATH = 'recorded/sweep.json';

/** A page whose pack lists a recorded sweep with this content; null for a host that has lost the file. */
async function visit(content: unknown, onOpened: (stores: Stores) => void = () => undefined) {
  const platform = fakePlatform();
  const toBytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const manifest = makeManifest();
  const listed = {
    ...manifest,
    files: [...manifest.files, { path: PATH, sizeBytes: 1, sha256: 'ee'.repeat(32) }],
    recorded: [{ id: SWEEP_ID, path: PATH, device: 'CPU', date: '2026-01-01' }],
  };
  platform.files.set('manifest.json', toBytes(listed));
  if (content !== null) platform.files.set(PATH, toBytes(content));
  const stores = createStores({ platform, createClient: fakeEngine().createClient, baseUrl: PACK_URL });
  onOpened(stores);
  await stores.pack.getState().loadPack();
  const { sweep, notices: told } = stores;
  await until(() => sweep.getState().recorded !== null || told.getState().notices.length > 0);
  const notices = () => stores.notices.getState().notices.map(({ text }) => text);
  return { stores, recorded: () => stores.sweep.getState().recorded, notices };
}

const COUNT = 24;
const world = makeWorld();
const items = planItems(world.facts, world.relations, ['A', 'B']).slice(0, COUNT);
const subjects = new Set(items.map(({ fact }) => fact.subject)).size;
const made = { n: COUNT, method: 'cluster-bootstrap', subjects } as const;

/** A point that was right on the first items. */
function withRight(point: SweepPoint, rightItems: number): SweepPoint {
  const share = rightItems / COUNT;
  return {
    ...point,
    accuracy: { value: share, low: 0, high: 1, ...made, method: 'wilson' },
    perplexity: { value: 2, low: 1.5, high: 2.5, ...made },
    klDivergence: { value: 0.5, low: 0.25, high: 0.75, ...made },
    sameTop: null,
    right: Uint8Array.from(items, (_, i) => Number(i < rightItems)),
  };
}

const severe = makePoint('magnitude', 0.5, 'compressed').recipe;
const mild = makePoint('rtn', 4, 'compressed').recipe;
const exact = { value: 0, low: 0, high: 0, n: COUNT };
const points = [
  { ...withRight(makeDensePoint(), COUNT), klDivergence: exact },
  withRight(makePoint('magnitude', 0.5, 'compressed', { recipe: severe }), 4),
  withRight(makePoint('magnitude', 0.5, 'idp', { recipe: severe, transferredFrom: 'Magnitude 60 %' }), 6),
  withRight(makePoint('magnitude', 0.5, 'lora-merged', { recipe: severe }), 20),
  withRight(makePoint('rtn', 4, 'compressed', { recipe: mild }), 20),
  withRight(makePoint('rtn', 4, 'prompt', { recipe: mild }), 21),
];
/** A whole layer that answers half, and a matrix that costs nothing. */
const cells = [makeCell(0, 'all', 0.2), makeCell(0, 'mlp.up_proj', 0.1)].map((cell, place) => ({
  ...cell,
  accuracy: { value: place === 0 ? 0.5 : 1, low: 0.25, high: 1, ...made },
  klDivergence: null,
  right: Uint8Array.from(items, (_, i) => Number(place === 1 || i % 2 === 0)),
}));
const sweep = makeSweepResults('recorded', {
  items,
  points,
  sensitivity: { recipe: { version: 1, steps: [toStep('rtn', 2)] }, label: 'RTN', cells },
});
const sound = toSweepFile(sweep);

test('the recorded sweep is there before any model, and is no recipe among the recorded results', async () => {
  const { stores, recorded, notices } = await visit(sound);
  expect(recorded()).toEqual(sweep);
  expect(stores.pack.getState().recorded).toEqual({ status: 'ready', sets: [] });
  expect(notices()).toEqual([]);
});

test('a recording names each recipe once, and every answer takes two bits', () => {
  expect(sound.recipes).toHaveLength(2);
  expect(sound.points.map(({ recipe }) => recipe)).toEqual([null, 0, 0, 0, 1, 1]);
  expect(sound.points[1]).not.toHaveProperty('transferredFrom');
  expect(sound.points[1]?.right).toHaveLength(8);
  expect(sound.sensitivity?.cells.map(({ right }) => right.length)).toEqual([8, 8]);
  expect(sound.points[1]).toMatchObject({ perplexity: [2, 1.5, 2.5], accuracy: [4 / COUNT, 0, 1, 'wilson'] });
});

test('a repair whose one twin was asked keeps which items those are', async () => {
  const right = Uint8Array.from(items, (_, i) => (i % 2 === 0 ? Number(i < 6) : NOT_ASKED));
  const asked = items.filter((_, i) => i % 2 === 0);
  const accuracy: Estimate = {
    ...{ value: 0.25, low: 0.125, high: 0.5, n: asked.length },
    method: 'cluster-bootstrap',
    subjects: new Set(asked.map(({ fact }) => fact.subject)).size,
  };
  const none = { perplexity: null, klDivergence: null, sameTop: null };
  const compressed = withRight(makePoint('magnitude', 0.5, 'compressed', { recipe: severe }), 4);
  const idp = makePoint('magnitude', 0.5, 'idp', { recipe: severe, accuracy, ...none, right, isOneTwin: true });
  const { stores, recorded } = await visit(toSweepFile({ ...sweep, points: [compressed, idp] }));
  expect(recorded()?.points[1]).toEqual(idp);
  await stores.sweep.getState().load();
  const [family] = recorded()?.family?.ofRecipes.values() ?? [];
  expect(family?.comparisons).toMatchObject([{ items: COUNT / 2, isEarly: false }]);
});

test('the comparisons of all recorded recipes are one family, computed once they are asked for', async () => {
  const { stores, recorded } = await visit(sound);
  expect(recorded()?.family).toBeNull();
  await stores.sweep.getState().load();
  const family = recorded()?.family;
  // Two repairs against none and the two against each other, and one repair of the other recipe.
  expect(family?.size).toBe(4);
  const all = [...(family?.ofRecipes.values() ?? [])];
  expect(all.map(({ presetItems }) => presetItems)).toEqual([COUNT, COUNT]);
  expect(all.map(({ comparisons }) => comparisons.map(({ first, second }) => [first.key, second.key]))).toEqual([
    [
      ['idp', 'compressed'],
      ['lora-merged', 'compressed'],
      ['idp', 'lora-merged'],
    ],
    [['prompt', 'compressed']],
  ]);
  const lora = all[0]?.comparisons[1];
  const sums = new Map<string, number>();
  for (const [i, { fact }] of items.entries()) {
    sums.set(fact.subject, (sums.get(fact.subject) ?? 0) + Number(i >= 4 && i < 20));
  }
  const p = mcnemar([...sums.values()]);
  expect(lora).toMatchObject({ p, adjustedP: 4 * p, items: COUNT, isEarly: false, isDecided: true });
  expect(lora?.difference.value).toBeCloseTo(16 / COUNT, 12);
  expect(all[1]?.comparisons[0]).toMatchObject({ adjustedP: 1, isDecided: false });
});

test('every recorded cell of the map is compared with the dense model, all cells one family apart from the recipes', async () => {
  const { stores, recorded } = await visit(sound);
  await stores.sweep.getState().load();
  const family = recorded()?.family?.cells;
  expect(family).toMatchObject({ size: 2, presetItems: COUNT });
  const sums = new Map<string, number>();
  for (const [i, { fact }] of items.entries()) sums.set(fact.subject, (sums.get(fact.subject) ?? 0) - (i % 2));
  const p = mcnemar([...sums.values()]);
  expect(family?.comparisons).toMatchObject([
    { difference: { value: -0.5 }, p, adjustedP: 2 * p, items: COUNT, isEarly: false, isDecided: true },
    { difference: { value: 0 }, adjustedP: 1, isDecided: false },
  ]);
});

test('a map without the dense model has cells and no comparison of them', async () => {
  const { stores, recorded } = await visit(toSweepFile({ ...sweep, points: points.slice(1) }));
  await stores.sweep.getState().load();
  expect(recorded()?.family?.cells).toMatchObject({ size: 2, comparisons: [null, null] });
});

test('comparisons that are asked for before the file is there come with it', async () => {
  const { recorded } = await visit(sound, ({ sweep: asked }) => void asked.getState().load());
  await until(() => recorded()?.family != null);
  expect(recorded()?.family?.size).toBe(4);
});

const [dense, point] = sound.points;
const [cell] = sound.sensitivity?.cells ?? [];
const withCell = (other: object) => ({
  ...sound,
  sensitivity: { ...sound.sensitivity, cells: [{ ...cell, ...other }] },
});
const codes = (of: number[]) =>
  toCodesText(
    Uint8Array.from({ length: COUNT }, (_, i) => of[i] ?? 0),
    2,
  );
test.each([
  ['an earlier version', { ...sound, version: 2 }, /"version"/],
  ['a live source', { ...sound, source: { ...sound.source, kind: 'live' } }, /"source\.kind"/],
  ['a share above 1', { ...sound, points: [{ ...dense, sameTop: [2, 2, 2] }] }, /points\.0\.sameTop/],
  ['a divergence below 0', { ...sound, points: [{ ...dense, klDivergence: [-1, -1, 0] }] }, /klDivergence/],
  ['an interval upside down', { ...sound, points: [{ ...dense, perplexity: [2, 3, 1] }] }, /points\.0\.perplexity/],
  [
    'an interval made in another way',
    { ...sound, points: [{ ...dense, perplexity: [2, 1, 3, 'luck'] }] },
    /perplexity/,
  ],
  ['an unknown method', { ...sound, recipes: [{ ...sound.recipes[0], method: 'melt' }] }, /recipes\.0\.method/],
  [
    'a recipe that cannot be',
    { ...sound, recipes: [{ ...sound.recipes[0], recipe: { version: 9 } }], points: [dense, point] },
    /version is 9/,
  ],
  ['a recipe that is not there', { ...sound, points: [{ ...point, recipe: 2 }] }, /points\.0\.recipe is 2/],
  ['a compressed regime without a recipe', { ...sound, points: [{ ...point, recipe: null }] }, /points\.0\.regime/],
  ['the same point twice', { ...sound, points: [point, point] }, /compressed twice/],
  ['other questions', { ...sound, items: { ...sound.items, fingerprint: '0' } }, /items\.fingerprint/],
  ['more questions than there are', { ...sound, items: { ...sound.items, count: 100_000 } }, /items\.count is 100000/],
  ['no questions', { ...sound, items: { ...sound.items, count: 0 } }, /"items\.count"/],
  ['answers that are no base64', { ...sound, points: [{ ...point, right: '?' }] }, /points\.0\.right/],
  ['too few answers', { ...sound, points: [{ ...point, right: 'AAAA' }] }, /base64 of 24 codes/],
  ['answers of a fourth kind', { ...sound, points: [{ ...point, right: codes([3]) }] }, /codes from 0 to 2/],
  ['answers to nothing', { ...sound, points: [{ ...point, right: codes(new Array(COUNT).fill(2)) }] }, /accuracy\.0/],
  ['answers that come to another accuracy', { ...sound, points: [{ ...point, right: codes([1]) }] }, /accuracy\.0/],
  ['a cell without answers', withCell({ right: undefined }), /"sensitivity\.cells\.0\.right"/],
  ['too few answers of a cell', withCell({ right: 'AAAA' }), /sensitivity\.cells\.0\.right is damaged/],
  ['answers of a cell that come to another accuracy', withCell({ right: codes([1]) }), /cells\.0\.accuracy\.0/],
  ['more points than a page can draw', { ...sound, points: new Array(10_001).fill(point) }, /"points"/],
])('a recorded sweep with %s is left out and told, the page stays', async (_, content, problem) => {
  const { stores, recorded, notices } = await visit(content);
  expect(recorded()).toBeNull();
  expect(notices()).toEqual([expect.stringMatching(problem)]);
  expect(stores.pack.getState().facts.status).toBe('ready');
});

test('a recorded sweep that the host has lost is told', async () => {
  const { recorded, notices } = await visit(null);
  expect(recorded()).toBeNull();
  expect(notices()).toEqual([expect.stringMatching(/404/)]);
});

test('answers come back from their text, and from no other', () => {
  const answers = Uint8Array.from([1, 0, 2, 1, 1]);
  expect(fromCodesText(toCodesText(answers, 2), 2, 5)).toEqual(answers);
  expect(fromCodesText(toCodesText(answers, 2), 2, 9)).toBeNull();
});
