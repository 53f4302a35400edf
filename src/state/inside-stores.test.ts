import { expect, test } from 'vitest';
import { fakeEngine } from '../testing/fake-engine.ts';
import { fakePlatform } from '../testing/fake-platform.ts';
import { settle, until } from '../testing/until.ts';
import { setFact, visitInside as visit } from '../testing/visit-inside.ts';

test('nothing is captured while nobody watches', async () => {
  const { stores, fake } = await visit();
  stores.board.getState().ask();
  await until(() => !stores.board.getState().isAsking);
  await settle();
  expect(fake.log.filter((line) => /^(inspect|patch|askPool|measureDistances)/.test(line))).toEqual([]);
});

test('a watched view captures what it shows of the question, and no more', async () => {
  const { inside, statuses, count } = await visit();
  inside().watch();
  await until(() => statuses().idp === 'ready');
  expect(statuses()).toEqual({ dense: 'ready', idp: 'ready' });
  expect(count('inspect')).toBe(2);
  const capture = inside().captures.get('idp');
  expect(capture).toMatchObject({ status: 'ready', of: { attention: expect.any(Array), residual: null, lens: null } });
  expect(inside().question).toMatchObject({ answer: expect.stringMatching(/^Port /) });
  expect(inside().waitsFor).toBeNull();

  inside().choose({ view: 'lens' });
  await until(() => Object.values(statuses()).every((status) => status === 'ready') && inside().captures.size === 5);
  expect(inside().captures.get('prompt')).toMatchObject({ of: { attention: null, lens: expect.any(Array) } });
  inside().choose({ view: 'weights' });
  expect(inside().captures.size).toBe(0);
});

test('coming back to a question, a view or a regime asks nothing again', async () => {
  const { stores, inside, statuses, count } = await visit();
  inside().watch();
  await until(() => statuses().idp === 'ready');
  setFact(stores, 2);
  expect(statuses()).not.toMatchObject({ dense: 'ready' });
  await until(() => statuses().idp === 'ready');
  inside().choose({ right: 'prompt' });
  await until(() => statuses().prompt === 'ready');
  expect(count('inspect')).toBe(5);
  setFact(stores, 1);
  inside().choose({ right: 'idp' });
  expect(statuses()).toEqual({ dense: 'ready', idp: 'ready' });
  await settle();
  expect(count('inspect')).toBe(5);
});

test('a question that changes under a capture is never answered by it', async () => {
  const { stores, fake, inside, statuses, count } = await visit();
  fake.faults.ignoresStop = true;
  const release = fake.hold('inspect');
  inside().watch();
  await until(() => fake.isHolding('inspect'));
  setFact(stores, 3);
  await settle();
  const { question } = stores.board.getState();
  release();
  await until(() => statuses().idp === 'ready');
  const capture = inside().captures.get('dense');
  const text = capture?.status === 'ready' ? capture.of.rows.map(({ text: each }) => each).join('') : '';
  expect(text).toContain(question.text.replace(/\?$/, ''));
  expect(count('inspect')).toBe(3);
});

test('a question that is being typed is not asked letter by letter', async () => {
  const { stores, inside, statuses, count } = await visit();
  inside().watch();
  await until(() => statuses().idp === 'ready');
  for (const text of ['W', 'Wh', 'Why', 'Why?']) {
    stores.board.getState().setQuestionText(text);
    // Far shorter than a rest, and long enough for a call that does not wait for one.
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
  await until(() => statuses().idp === 'ready');
  expect(count('inspect')).toBe(4);
  expect(inside().question).toMatchObject({ text: 'Why?', answer: null });
  expect(inside().captures.get('dense')).toMatchObject({ of: { answerProbability: null, answer: [] } });
});

test('captures wait for a run and go on after it by themselves', async () => {
  const { stores, fake, inside, statuses, count } = await visit();
  const release = fake.hold('score');
  stores.evaluate.getState().runAccuracy(4);
  await until(() => fake.isHolding('score'));
  inside().watch();
  await until(() => inside().waitsFor === 'run');
  await settle();
  expect(count('inspect')).toBe(0);
  expect(statuses()).toEqual({ dense: 'none', idp: 'none' });
  release();
  await until(() => statuses().idp === 'ready');
  expect(stores.evaluate.getState().accuracyRun.status).toBe('done');
});

test('captures wait while the board is asking', async () => {
  const { stores, fake, inside, statuses, count } = await visit();
  const release = fake.hold('generate');
  stores.board.getState().ask();
  await until(() => fake.isHolding('generate'));
  inside().watch();
  await until(() => inside().waitsFor === 'run');
  await settle();
  expect(count('inspect')).toBe(0);
  release();
  await until(() => statuses().idp === 'ready');
  expect(stores.board.getState().isAsking).toBe(false);
});

test('without the model nothing is captured, and what waits says for what', async () => {
  const { stores, inside, statuses } = await visit({ isLive: false });
  inside().watch();
  await until(() => inside().offered.length > 0);
  expect(inside()).toMatchObject({ waitsFor: 'question', question: null });
  setFact(stores, 1);
  expect(inside().waitsFor).toBe('model');
  expect(statuses()).toEqual({ dense: 'none', idp: 'none' });
  stores.engine.getState().runLive('auto');
  await until(() => statuses().idp === 'ready');
  stores.engine.getState().stopLoading();
  expect(statuses()).toEqual({ dense: 'none', idp: 'none' });
  expect(inside().waitsFor).toBe('model');
});

test('a lost worker is replaced and the capture made anew', async () => {
  const { fake, inside, statuses, count } = await visit();
  const release = fake.hold('inspect');
  inside().watch();
  await until(() => fake.isHolding('inspect'));
  fake.lose('device-lost');
  release();
  await until(() => statuses().idp === 'ready');
  expect(statuses()).toEqual({ dense: 'ready', idp: 'ready' });
  expect(count('inspect')).toBe(3);
});

test('a capture that fails says why, and is tried again for the next who watches', async () => {
  const fake = fakeEngine();
  const { inside, statuses } = await visit({ fake });
  fake.faults.fails = (name) =>
    name === 'inspect' ? { error: { code: 'run-failed', message: 'The run failed.', details: {} } } : null;
  const leave = inside().watch();
  await until(() => statuses().idp === 'failed');
  expect(inside().captures.get('dense')).toMatchObject({ error: { code: 'run-failed' } });
  fake.faults.fails = () => null;
  leave();
  inside().watch();
  await until(() => statuses().idp === 'ready');
});

test('a recipe that changes drops captures of the variant and keeps those of the dense model', async () => {
  const { stores, inside, statuses, count } = await visit();
  inside().watch();
  await until(() => statuses().idp === 'ready');
  stores.recipe.getState().setPreset('magnitude-severe');
  expect(statuses()).toEqual({ dense: 'ready', idp: 'none' });
  expect(inside().waitsFor).toBe('variant');
  await until(() => statuses().idp === 'ready');
  expect(count('inspect')).toBe(3);
});

test('whoever leaves before the code is there leaves nothing running', async () => {
  const { inside, count } = await visit();
  inside().watch()();
  await settle();
  expect(count('inspect')).toBe(0);
});

test('what the recipe cannot meet gives way to the nearest, and the wish stays as it was', async () => {
  const { stores, platform, inside } = await visit({ isLive: false });
  inside().watch();
  await until(() => inside().offered.length > 0);
  inside().choose({ right: 'text', layer: 70, module: 'model.layers.70.mlp.up_proj', pool: 'idp-apart' });
  await until(() => inside().choice.layer === 1);
  expect(inside().choice).toMatchObject({ right: 'lora-unmerged', module: 'model.layers.1.mlp.up_proj' });
  expect(inside().wanted).toMatchObject({ right: 'text', layer: 70, module: 'model.layers.70.mlp.up_proj' });
  stores.board.getState().setTextPrompt('In one word:');
  expect(inside().choice.right).toBe('text');

  const again = await visit({ isLive: false, platform: fakePlatform(platform) });
  expect(again.inside().wanted).toEqual(inside().wanted);
});

test('the view of routing reads what the question pays to the prompts of both pools, and asks none of them', async () => {
  const { inside, statuses, count } = await visit();
  inside().choose({ view: 'routing' });
  inside().watch();
  await until(() => statuses()['idp-apart'] === 'ready');
  expect(statuses()).toEqual({ idp: 'ready', 'idp-apart': 'ready' });
  expect(inside().captures.get('idp-apart')).toMatchObject({
    of: { attention: null, lens: null, routing: { chosen: 2, runnerUp: 3 } },
  });
  expect(count('askPool')).toBe(0);
});

test('regimes whose repair was trained for another recipe are known, shown on the board or not', async () => {
  const { stores, inside } = await visit({ isLive: false });
  inside().watch();
  await until(() => inside().offered.length > 0);
  expect(inside().transferred).toEqual([]);
  stores.recipe.getState().setPreset('magnitude-severe');
  expect(inside().transferred).toEqual(expect.arrayContaining(['prefix', 'idp-apart', 'lora-r1']));
  expect(inside().transferred).not.toContain('idp');
});

test('repairs that were trained on the fact in the box are known', async () => {
  const { stores, inside } = await visit();
  inside().watch();
  await until(() => inside().offered.length > 0);
  expect(inside().seen).toEqual([]);
  stores.board.getState().setExposure('seen');
  expect(inside().seen).toEqual(expect.arrayContaining(['prompt', 'idp', 'lora-merged', 'prefix']));
  expect(inside().seen).not.toContain('compressed');
  stores.board.getState().setQuestionText('Why?');
  expect(inside().seen).toEqual([]);
});

test('a matrix is read while anybody watches, and once', async () => {
  const { stores, inside, count } = await visit();
  const matrix = () => stores.insideMatrix.getState().matrix;
  expect(count('inspectMatrix')).toBe(0);
  const leave = stores.insideMatrix.getState().watch();
  await until(() => matrix().status === 'ready');
  expect(matrix()).toMatchObject({ of: { module: 'model.layers.0.self_attn.q_proj', lora: { r: 2 } } });
  inside().choose({ module: 'model.layers.1.mlp.up_proj', matrixOf: 'compressed' });
  await until(() => matrix().status === 'ready');
  expect(matrix()).toMatchObject({ of: { module: 'model.layers.1.mlp.up_proj', lora: null } });
  inside().choose({ module: 'model.layers.0.self_attn.q_proj', matrixOf: 'lora-merged' });
  expect(matrix().status).toBe('ready');
  expect(count('inspectMatrix')).toBe(2);
  leave();
  inside().choose({ module: 'model.layers.1.mlp.down_proj' });
  await settle();
  expect(matrix().status).toBe('none');
  expect(count('inspectMatrix')).toBe(2);
});

test('what was looked at stays at hand whatever view is open, while question, recipe and device are the same', async () => {
  const { stores, inside, statuses } = await visit();
  const { insideMatrix, insidePatch } = stores;
  const taps = () =>
    inside()
      .kept()
      .map(({ key, of }) => `${key} ${of.attention === null ? '' : 'attention'}${of.lens === null ? '' : 'lens'}`);
  expect([inside().kept(), insideMatrix.getState().kept(), insidePatch.getState().kept()]).toEqual([[], [], []]);
  const leave = inside().watch();
  await until(() => statuses().idp === 'ready');
  inside().choose({ view: 'lens' });
  await until(() => inside().captures.size === 5 && Object.values(statuses()).every((status) => status === 'ready'));
  const leaveMatrix = insideMatrix.getState().watch();
  await until(() => insideMatrix.getState().matrix.status === 'ready');
  for (const patched of ['residual', 'heads'] as const) {
    inside().choose({ patched });
    insidePatch.getState().start();
    await until(() => insidePatch.getState().patch.status === 'ready');
  }
  leave();
  leaveMatrix();
  inside().choose({ view: 'distance', module: 'model.layers.1.mlp.up_proj', left: 'prompt', donor: 'idp' });
  const all = ['dense attention', 'idp attention', 'dense lens', 'compressed lens', 'prompt lens', 'idp lens'];
  expect(taps()).toEqual([...all, 'lora-merged lens']);
  expect(insideMatrix.getState().kept()).toMatchObject([
    { key: 'lora-merged', of: { module: 'model.layers.0.self_attn.q_proj' } },
  ]);
  expect(insidePatch.getState().kept()).toMatchObject([
    { donor: 'dense', receiver: 'compressed', of: { of: 'residual' } },
    { donor: 'dense', receiver: 'compressed', of: { of: 'heads' } },
  ]);

  stores.recipe.getState().setPreset('magnitude-severe');
  expect(taps()).toEqual(['dense attention', 'dense lens']);
  expect([insideMatrix.getState().kept(), insidePatch.getState().kept()]).toEqual([[], []]);
  setFact(stores, 2);
  expect(taps()).toEqual([]);
});
