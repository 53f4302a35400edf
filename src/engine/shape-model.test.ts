import { afterEach, expect, test } from 'vitest';
import { SMOLLM2_135M } from '../core/checkpoint/smollm2.ts';
import { AppError } from '../core/errors.ts';
import { SHAPE_KEYS } from '../core/shape/shape-regimes.ts';
import { createRuntime, type Runtime } from './session.ts';
import { ShapeModel } from './shape-model.ts';

/** SmolLM2's widths with one layer and few tokens: seconds on one core. */
const CONFIG = { ...SMOLLM2_135M, numLayers: 1, vocabSize: 512 };

let model: ShapeModel | null = null;

async function makeModel(config = CONFIG, runtime?: Runtime) {
  model = new ShapeModel(runtime ?? (await createRuntime({ kind: 'wasm' })), config);
  return model;
}

afterEach(async () => {
  await model?.dispose();
});

test('every regime of a shape runs for real, and only the pool pays for routing', { timeout: 30_000 }, async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const shape = await makeModel(CONFIG, runtime);
  const labels: string[] = [];
  await shape.load({ onProgress: ({ label }) => labels.push(label) });
  expect(labels).toEqual([
    'random weights',
    'graph, dense',
    'graph, pruned',
    'graph, four-bit',
    'graph, lora',
    'prompts',
  ]);
  for (const key of SHAPE_KEYS) {
    const run = await shape.time(key);
    expect(run.ttftMs).toBeGreaterThan(run.routingMs);
    expect(run.routingMs > 0).toBe(key === 'idp');
    expect(run.perTokenMs).toBeGreaterThan(0);
    expect(run.fixedLoopMs).toBeGreaterThan(0);
  }
  // One decoder for each form, and the router.
  expect(runtime.sessionsCreated).toBe(5);
});

test('nothing is left of a shape once it is disposed of, nor of one that was stopped while it was made', {
  timeout: 30_000,
}, async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const first = new ShapeModel(runtime, CONFIG);
  await first.load();
  expect(runtime.ownedBytes).toBeGreaterThan(0);
  await first.dispose();
  expect(runtime.ownedBytes).toBe(0);
  const stop = new AbortController();
  const second = new ShapeModel(runtime, CONFIG);
  const onProgress = ({ label }: { label: string }) => {
    if (label === 'graph, four-bit') stop.abort();
  };
  await expect(second.load({ signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'stopped' });
  await second.dispose();
  expect(runtime.ownedBytes).toBe(0);
});

test('a session that cannot be released keeps nothing else from being freed', { timeout: 30_000 }, async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const shape = new ShapeModel(runtime, CONFIG);
  await shape.load();
  const release = runtime.exclusively.bind(runtime);
  let calls = 0;
  runtime.exclusively = (code, message, task) => {
    calls++;
    return calls === 1 ? Promise.reject(new AppError('device-lost', 'Lost.')) : release(code, message, task);
  };
  await expect(shape.dispose()).rejects.toMatchObject({ code: 'device-lost' });
  // The other three decoders and the router.
  expect(calls).toBe(5);
  expect(runtime.ownedBytes).toBe(0);
});

test('a shape that does not fit is refused with both numbers before anything is made', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const shape = await makeModel({ ...SMOLLM2_135M, numLayers: 60 }, runtime);
  await expect(shape.load()).rejects.toMatchObject({
    code: 'limit-exceeded',
    message: expect.stringMatching(/take \d+ bytes; \d+ fit/),
  });
  expect(runtime.sessionsCreated).toBe(0);
  expect(runtime.ownedBytes).toBe(0);
});

test('kernel times are refused where there are no timestamp queries, as on wasm', async () => {
  const shape = await makeModel();
  await expect(shape.profile('dense', 1)).rejects.toMatchObject({
    code: 'limit-exceeded',
    message: expect.stringMatching(/no timestamp queries/),
  });
});
