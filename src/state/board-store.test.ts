import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Fact } from '../core/eval/fact.ts';
import { GREEDY } from '../core/eval/sampling.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { FakeFaults } from '../testing/fake-engine.ts';
import { makeLive } from '../testing/make-live.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { settle, until } from '../testing/until.ts';
import { createBoardStore } from './board-store.ts';
import type { PackState } from './pack-state.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const manifest = makeManifest();
const world = makeWorld();
const first = manifest.recipes[0];
if (first === undefined) throw new Error('the pack has no recipe');
const { recipe: mild } = first;

function factOf(fold: Fact['fold'], dev = false): Fact {
  const fact = world.facts.find((each) => each.fold === fold && each.dev === dev);
  if (fact === undefined) throw new Error(`no fact of fold ${fold}`);
  return fact;
}

async function makeBoard(faults: Partial<FakeFaults> = {}, isStarted = true) {
  const { fake, engine, recipe } = makeLive({ manifest, recipe: mild, faults });
  const pack = createStore<PackState>(() => ({
    pack: { status: 'loading' },
    facts: { status: 'loading' },
    recorded: { status: 'loading' },
    baseUrl: '/',
    loadPack: async () => {},
  }));
  const board = createBoardStore({ engine, recipe, pack, settings: DEFAULT_SETTINGS });
  pack.setState({
    pack: { status: 'ready', manifest, modelBytes: 1, totalBytes: 1 },
    facts: { status: 'ready', facts: world.facts, relations: world.relations },
  });
  const state = () => board.getState();
  const column = (key: RegimeKey) => {
    const found = state().columns.find((each) => each.key === key);
    if (found === undefined) throw new Error(`no column ${key}`);
    return found;
  };
  const statuses = () => state().columns.map(({ cell }) => cell.status);
  const isAnswered = () => !state().isAsking && statuses().every((status) => status === 'done');
  if (isStarted) {
    engine.store.getState().runLive('auto');
    await until(() => recipe.store.getState().variant.status === 'ready');
    fake.log.length = 0;
  }
  const asked = () => fake.log.filter((line) => line.startsWith('generate')).map((line) => line.split(' ')[1]);
  return { fake, engine, recipe, board, state, column, statuses, isAnswered, asked };
}

test('every shown regime answers the same question, one after the other, in the order of the board', async () => {
  const { state, column, isAnswered, asked } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  expect(state().isAsking).toBe(true);
  await until(isAnswered);
  expect(asked()).toEqual(['dense', 'compressed', 'prompt', 'idp', 'lora-merged']);
  expect(column('dense').cell).toMatchObject({ result: { text: ` ${factOf('A').answer}`, isRight: true } });
  expect(column('idp')).toMatchObject({ gate: { status: 'passed' }, isStale: false, transferred: false });
});

test('answers stream, and a regime is prepared before its first answer', async () => {
  const { board, state, fake, isAnswered } = await makeBoard();
  const seen = new Set<string>();
  board.subscribe(({ columns }) => seen.add(columns[3]?.cell.status ?? ''));
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  expect([...seen]).toEqual(['empty', 'waiting', 'preparing', 'streaming', 'done']);
  const idp = fake.log.filter((line) => line.includes(' idp ')).map((line) => line.split(' ')[0]);
  expect(idp).toEqual(['prepareRegime', 'generate']);
});

test('by default the twin that never saw the fact answers; the other one on demand', async () => {
  const { state, column, isAnswered } = await makeBoard();
  state().setFact(factOf('A'));
  expect(column('idp')).toMatchObject({ exposure: 'held-out', repair: { fold: 'B' } });
  state().setFact(factOf('B'));
  expect(column('idp')).toMatchObject({ exposure: 'held-out', repair: { fold: 'A' } });
  state().ask();
  await until(isAnswered);
  state().setExposure('seen');
  expect(column('idp')).toMatchObject({ exposure: 'seen', repair: { fold: 'B' }, isStale: true });
  expect(column('dense')).toMatchObject({ exposure: null, isStale: false });
  await until(() => !column('idp').isStale && isAnswered());
});

test('another draw asks every column again; going back to greedy finds the answers kept', async () => {
  const { state, isAnswered, asked, statuses } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  for (const seed of [0, 1]) {
    state().setSampling({ temperature: 0.8, topK: 0, seed });
    expect(state().isAsking).toBe(true);
    await until(isAnswered);
  }
  expect(asked()).toHaveLength(3 * statuses().length);
  state().setSampling(GREEDY);
  expect(state().isAsking).toBe(false);
  expect(state().columns.every(({ isStale }) => !isStale)).toBe(true);
});

test('control subjects, free text and the development facts of a repair are outside', async () => {
  const { state, column } = await makeBoard();
  state().setFact(factOf('control'));
  expect(column('idp').exposure).toBe('outside');
  state().setQuestionText('Who are you?');
  expect(column('idp').exposure).toBe('outside');
  expect(state().question).toMatchObject({ fact: null, form: null });
  state().setFact(factOf('A', true));
  expect(column('idp').exposure).toBe('held-out');
  state().setExposure('seen');
  expect(column('idp').exposure).toBe('outside');
});

test('a question typed word by word is known as its fact; another one gets the nearest facts and an answer without a verdict', async () => {
  const { state, column, isAnswered } = await makeBoard();
  const fact = factOf('B');
  state().setQuestionText(`which is the capital of ${fact.subject}`);
  expect(state().question).toMatchObject({ fact, form: 1, nearest: [] });
  state().setQuestionText(`tell me of ${fact.subject}`);
  expect(state().question.fact).toBeNull();
  expect(state().question.nearest[0]?.subject).toBe(fact.subject);
  state().ask();
  await until(isAnswered);
  expect(column('dense').cell).toMatchObject({ result: { isRight: null, answerProbability: null } });
});

test('an empty box asks nothing', async () => {
  const { state, asked } = await makeBoard();
  state().setQuestionText('  ');
  state().ask();
  await settle();
  expect(state().isAsking).toBe(false);
  expect(asked()).toEqual([]);
});

test('Stop while streaming keeps the text so far and asks no further column', async () => {
  const { fake, state, column, statuses, asked } = await makeBoard();
  const release = fake.hold('generate');
  state().setFact(factOf('A'));
  state().ask();
  await until(() => fake.isHolding('generate'));
  state().stop();
  expect(state().isAsking).toBe(false);
  release();
  await settle();
  expect(column('dense').cell).toMatchObject({ status: 'done', result: { stopReason: 'stopped' } });
  expect(statuses().slice(1)).toEqual(['empty', 'empty', 'empty', 'empty']);
  expect(asked()).toEqual(['dense']);
});

test('after Stop nothing is asked by itself, and a partial answer is not taken for a whole one later', async () => {
  const { fake, state, column, recipe, asked, isAnswered } = await makeBoard();
  const release = fake.hold('generate');
  state().setFact(factOf('A'));
  state().ask();
  await until(() => fake.isHolding('generate'));
  state().stop();
  release();
  await settle();
  recipe.store.getState().setPreset('magnitude-severe');
  state().setShown('prefix', true);
  await settle();
  expect(asked()).toEqual(['dense']);
  state().setFact(factOf('B'));
  state().ask();
  await until(isAnswered);
  state().setFact(factOf('A'));
  expect(column('dense')).toMatchObject({ isStale: true, cell: { result: { stopReason: 'end' } } });
});

test('Stop while a regime is being prepared leaves its column empty', async () => {
  const { fake, state, statuses } = await makeBoard();
  const release = fake.hold('prepareRegime');
  state().setFact(factOf('A'));
  state().ask();
  await until(() => fake.isHolding('prepareRegime'));
  state().stop();
  release();
  await settle();
  expect(statuses()).toEqual(['done', 'empty', 'empty', 'empty', 'empty']);
});

test('a second question replaces one that is being answered, late tokens included', async () => {
  const { fake, board, state, column, isAnswered } = await makeBoard();
  fake.faults.ignoresStop = true;
  const release = fake.hold('generate');
  state().setFact(factOf('A'));
  state().ask();
  await until(() => fake.isHolding('generate'));
  state().setFact(factOf('B'));
  state().ask();
  const seen: string[] = [];
  board.subscribe(({ columns, isAsking }) => {
    for (const { cell } of columns) {
      if (cell.status === 'streaming') seen.push(cell.text);
      else if (cell.status === 'done') seen.push(cell.result.text);
      if (!isAsking) expect(cell.status).toBe('done');
    }
  });
  release();
  await until(isAnswered);
  await settle();
  expect(seen.filter((text) => text.includes(factOf('A').subject))).toEqual([]);
  expect(column('dense').cell).toMatchObject({ result: { text: ` ${factOf('B').answer}` } });
});

test('a recipe that moves asks again at once, the old answers staying until the new ones stream', async () => {
  const { state, column, recipe, isAnswered, asked, fake } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  fake.log.length = 0;
  recipe.store.getState().setPreset('magnitude-severe');
  expect(column('compressed')).toMatchObject({ isStale: true, cell: { status: 'done' } });
  expect(column('dense').isStale).toBe(false);
  await until(() => !column('lora-merged').isStale && isAnswered());
  expect(asked()).toEqual(['compressed', 'prompt', 'idp', 'lora-merged']);
  expect(column('idp').regime?.recipe).toEqual(manifest.recipes[1]?.recipe);
});

test('where a recipe cannot be run the dense model answers all the same', async () => {
  const { state, column, recipe, asked } = await makeBoard();
  recipe.store.getState().setRecipe({
    version: 1,
    steps: [{ method: 'magnitude', sparsity: 1.5, granularity: 'per-output' }],
  });
  state().setFact(factOf('A'));
  state().ask();
  await until(() => !state().isAsking);
  expect(asked()).toEqual(['dense']);
  expect(column('dense').cell).toMatchObject({ status: 'done', result: { isRight: true } });
  expect(column('compressed').cell).toMatchObject({ status: 'failed', error: { code: 'recipe-invalid' } });
});

test('a recipe that comes back finds its answers again without asking', async () => {
  const { state, recipe, isAnswered, fake, column, asked } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  recipe.store.getState().setPreset('magnitude-severe');
  await until(() => !column('lora-merged').isStale && isAnswered());
  fake.log.length = 0;
  recipe.store.getState().setPreset('magnitude-mild');
  await settle();
  expect(asked()).toEqual([]);
  expect(column('idp')).toMatchObject({ isStale: false, cell: { status: 'done' } });
});

test('a recipe that moves after the box was changed asks nothing', async () => {
  const { state, recipe, isAnswered, fake, asked } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  state().setQuestionText('Something else');
  fake.log.length = 0;
  recipe.store.getState().setPreset('magnitude-severe');
  await settle();
  expect(asked()).toEqual([]);
});

test.each(['off', 'failed'] as const)(
  'with the engine %s a recipe, twin or column that moves leaves the answers',
  async (status) => {
    const { state, recipe, engine, fake, statuses, asked, isAnswered } = await makeBoard();
    state().setFact(factOf('A'));
    state().ask();
    await until(isAnswered);
    if (status === 'off') engine.store.getState().stopLoading();
    else {
      fake.faults.fails = () => ({ error: { code: 'session-failed', message: 'It broke.', details: {} } });
      engine.store.getState().runLive('auto');
    }
    await until(() => engine.store.getState().engine.status === status);
    fake.log.length = 0;
    recipe.store.getState().setPreset('magnitude-severe');
    state().setExposure('seen');
    state().setShown('prefix', true);
    await settle();
    expect(state().isAsking).toBe(false);
    expect(statuses()).toEqual(['done', 'done', 'done', 'done', 'done', 'empty']);
    expect(state().columns.map(({ isStale }) => isStale)).toEqual([false, true, true, true, true, false]);
    expect(asked()).toEqual([]);
  },
);

test('a question asked before finds its answers again', async () => {
  const { state, column, isAnswered } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  state().setFact(factOf('B'));
  expect(column('dense').isStale).toBe(true);
  state().ask();
  await until(isAnswered);
  state().setFact(factOf('A'));
  expect(column('dense')).toMatchObject({ isStale: false, cell: { result: { text: ` ${factOf('A').answer}` } } });
});

test('a column that is shown later answers the question on the board alone', async () => {
  const { state, isAnswered, fake, asked } = await makeBoard();
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  fake.log.length = 0;
  state().setShown('prefix', true);
  await until(isAnswered);
  expect(asked()).toEqual(['prefix']);
  expect(state().columns.map(({ key }) => key)).toEqual([
    'dense',
    'compressed',
    'prompt',
    'idp',
    'lora-merged',
    'prefix',
  ]);
  state().setShown('prompt', false);
  expect(state().shown).not.toContain('prompt');
});

test('the text column waits for a text', async () => {
  const { state, column, isAnswered } = await makeBoard();
  state().setShown('text', true);
  expect(column('text').unavailable).toMatch(/Type a text prompt/);
  state().setTextPrompt('Answer in one word.');
  expect(column('text')).toMatchObject({ unavailable: null, regime: { recovery: { text: 'Answer in one word.' } } });
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
});

test('a device lost in the middle keeps the partial text and goes on with the next column after the restart', async () => {
  const { fake, state, column } = await makeBoard();
  state().setFact(factOf('A'));
  fake.faults.fails = (name, input) => {
    const isIdp = name === 'generate' && JSON.stringify(input).includes('"idp');
    return isIdp ? { lost: 'device-lost' } : null;
  };
  state().ask();
  await until(() => !state().isAsking);
  expect(column('idp').cell).toMatchObject({ status: 'failed', error: { code: 'device-lost' } });
  expect(column('lora-merged').cell.status).toBe('done');
  expect(column('prompt').cell.status).toBe('done');
});

test('a gate that fails on WebGPU is answered on wasm instead, every column again', async () => {
  const { state, column, isAnswered, engine } = await makeBoard({
    failsGate: (regime, kind) => kind === 'webgpu' && regime.id.startsWith('idp'),
  });
  state().setFact(factOf('A'));
  state().ask();
  await until(isAnswered);
  expect(engine.store.getState().engine).toMatchObject({ device: { kind: 'wasm' } });
  expect(state().columns.map(({ isStale }) => isStale)).toEqual([false, false, false, false, false]);
  expect(column('idp').gate?.status).toBe('passed');
});

test('a gate that fails on wasm shows the error in its column and no text', async () => {
  const { state, column, statuses } = await makeBoard({
    hasWebgpu: false,
    failsGate: (regime) => regime.id.startsWith('idp'),
  });
  state().setFact(factOf('A'));
  state().ask();
  await until(() => !state().isAsking);
  expect(statuses()).toEqual(['done', 'done', 'done', 'failed', 'done']);
  expect(column('idp').cell).toMatchObject({ error: { code: 'golden-mismatch' }, text: '' });
});

test('a question asked while the engine loads is answered once it is ready; without an engine it says so', async () => {
  const { state, statuses, engine, isAnswered } = await makeBoard({}, false);
  state().setFact(factOf('A'));
  state().ask();
  await until(() => !state().isAsking);
  expect(statuses()).toEqual(['failed', 'failed', 'failed', 'failed', 'failed']);
  engine.store.getState().runLive('auto');
  state().ask();
  await until(isAnswered);
});
