import { beforeAll, describe, expect, test } from 'vitest';
import type { LayerShape } from '../core/checkpoint/layer-shape.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import { toCheckpoint } from '../core/compress/variant-matrix.ts';
import { DISTANCE_QUANTITIES, type PatchTarget } from '../core/inside/capture.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import { forward } from '../core/reference/forward.ts';
import { readGolden, readGoldenCheckpoint, readStructuredGolden, readTinyRepair } from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

// Nats: a random model's answers have probabilities of 1e-10, so that logarithms are compared. The engine sums in float32.
const TOLERANCE = 1e-4;
const logs = (values: ArrayLike<number>) => Float64Array.from(values, Math.log);
const filled = (probability: number, length: number) => logs(new Array<number>(length).fill(probability));
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequences } = readStructuredGolden();
const { sequence } = readGolden().ids;
const context = toNumberText(sequence.slice(1));
const answer = '5 6';
const PRUNED = parseRecipe({ version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-layer' }] });
const calibration = { samples: sequences.length, seed: 0 };
const SMALLER = parseRecipe({
  version: 1,
  steps: ['neurons', 'heads'].map((method) => ({ method, share: 0.5, allocation: 'uniform', calibration })),
});
const TARGETS: readonly PatchTarget[] = ['residual', 'heads'];

function toRegime(recipe: Regime['recipe'], recovery: Recovery = { kind: 'none' }): Regime {
  return { id: JSON.stringify([recipe, recovery]), recipe, recovery };
}

const DENSE = toRegime(null);
const PROMPT = toRegime(PRUNED, { kind: 'prompt', repairId: 'prompt' });

describe('patching', () => {
  let runner: Runner;
  let smaller: readonly LayerShape[];

  beforeAll(async () => {
    runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64 });
    await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, {
      dtype: 'F32',
      readSentences: async () => sequences.map((ids) => [toNumberText(ids.slice(1))]),
      readVariant: async () => null,
    });
    await runner.prepareRegime(PROMPT, readTinyRepair('prompt', config), null);
    smaller = (await runner.compress(SMALLER)).layers;
  });

  test.each(TARGETS)('the dense model into itself changes nothing: %s', async (of) => {
    const input = { donor: DENSE, receiver: DENSE, context, answer, of };
    const { values, whole, columns, donorProbability, receiverProbability } = await runner.patch(input);
    expect(columns.length).toBe(of === 'heads' ? config.numHeads : sequence.length + 2);
    expect(maxDifference(logs(values), filled(donorProbability, config.numLayers * columns.length))).toBeLessThan(
      TOLERANCE,
    );
    expect(maxDifference(logs(whole), filled(donorProbability, config.numLayers))).toBeLessThan(TOLERANCE);
    expect(maxDifference(logs([receiverProbability]), logs([donorProbability]))).toBeLessThan(TOLERANCE);
  });

  test.each([
    ['a pruned variant', toRegime(PRUNED)],
    ['one behind a prompt', PROMPT],
    ['one behind a text', toRegime(PRUNED, { kind: 'text', text: '9 10' })],
    ['one without half of its heads and neurons', toRegime(SMALLER)],
  ])('all rows of the last layer of the dense model give its answer: %s', async (_, receiver) => {
    const map = await runner.patch({ donor: DENSE, receiver, context, answer, of: 'residual' });
    const score = async (regime: Regime) => {
      const [scored] = await runner.scoreItemByItem(regime, [{ id: '', context, answer }]);
      return scored?.logLikelihood ?? Number.NaN;
    };
    const { donorProbability, receiverProbability } = map;
    const found = logs([map.whole.at(-1) ?? 0, donorProbability, receiverProbability]);
    const expected = [await score(DENSE), await score(DENSE), await score(receiver)];
    expect(maxDifference(found, expected)).toBeLessThan(TOLERANCE);
    expect(maxDifference(expected.slice(1, 2), expected.slice(2))).toBeGreaterThan(0.01);
  });

  test('a row of the last layer that says no token of the answer changes nothing', async () => {
    const map = await runner.patch({ donor: DENSE, receiver: toRegime(PRUNED), context, answer, of: 'residual' });
    const last = logs(map.values.subarray((config.numLayers - 1) * map.columns.length));
    const silent = sequence.length - 1;
    const own = filled(map.receiverProbability, silent);
    expect(maxDifference(last.subarray(0, silent), own)).toBeLessThan(TOLERANCE);
    expect(maxDifference(last.subarray(silent, silent + 1), own.subarray(0, 1))).toBeGreaterThan(0.01);
    expect(map.columns.map(({ kind }) => kind)).toEqual([
      'begin',
      ...new Array(silent).fill('token'),
      'answer',
      'answer',
    ]);
  });

  test('a text before the question has no row, so that its tokens are met by their place', async () => {
    const receiver = toRegime(null, { kind: 'text', text: '9 10' });
    const map = await runner.patch({ donor: DENSE, receiver, context, answer, of: 'residual' });
    expect(map.columns.map(({ text }) => text)).toEqual([...sequence.slice(1).map(String), '5', '6']);
  });

  test('heads that either side has lost cannot be given, others can', async () => {
    const group = config.numHeads / config.numKvHeads;
    const isLeft = (layer: number, head: number) =>
      smaller[layer]?.kept.kvHeads?.includes(Math.floor(head / group)) ?? true;
    for (const [donor, receiver] of [
      [DENSE, toRegime(SMALLER)],
      [toRegime(SMALLER), DENSE],
    ] as const) {
      const { values } = await runner.patch({ donor, receiver, context, answer, of: 'heads' });
      const given = Array.from(values, (value) => !Number.isNaN(value));
      const expected = given.map((_, i) => isLeft(Math.floor(i / config.numHeads), i % config.numHeads));
      expect(given).toEqual(expected);
      expect(new Set(given).size).toBe(2);
    }
  });

  test('a smaller variant is captured in its own sizes, as the reference computes it', async () => {
    const regime = toRegime(SMALLER);
    const seen = await runner.inspect({
      regime,
      context,
      answer: null,
      taps: ['attention', 'activations', 'residual'],
    });
    const { layers, hidden } = forward(toCheckpoint(await runner.compress(SMALLER)), { tokens: sequence, start: 0 });
    for (const [layer, { attention, activations }] of layers.entries()) {
      expect(seen.attention?.[layer]?.numHeads).toBe(smaller[layer]?.numHeads);
      expect(seen.activations?.[layer]?.width).toBe(smaller[layer]?.intermediateSize);
      expect(maxDifference(seen.attention?.[layer]?.data ?? [], attention)).toBeLessThan(1e-4);
      expect(maxDifference(seen.activations?.[layer]?.data ?? [], activations.data)).toBeLessThan(1e-4);
    }
    expect(maxDifference(seen.residual?.at(-1) ?? [], hidden.at(-1)?.data ?? [])).toBeLessThan(1e-4);
  });

  test('tells how far it has come, and stops between runs', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      expect(total).toBe(config.numLayers * (config.numHeads + 1));
      seen.push(done);
      if (done === config.numHeads + 1) stop.abort();
    };
    const input = { donor: DENSE, receiver: DENSE, context, answer, of: 'heads' } as const;
    await expect(runner.patch(input, { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'stopped' });
    expect(seen).toEqual([config.numHeads + 1]);
  });
});

describe('distances', () => {
  test('are none to the regime itself, and a regime is run once a question', async () => {
    const runtime = await createRuntime({ kind: 'wasm' });
    const runner = createRunner(runtime, { cacheLength: 64 });
    await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
    const compressed = toRegime(PRUNED);
    const items = ['7 8 9', '11 12'].map((words, i) => ({ id: String(i), context: words, answer }));
    const regimes = [DENSE, compressed];
    const measure = () => runner.measureDistances({ regimes, dense: DENSE, compressed, items });
    await measure(); // makes and checks the session
    let runs = 0;
    runtime.onStep = () => runs++;
    const found = await measure();
    expect(runs).toBe(items.length * regimes.length);
    expect(found.map(({ id }) => id)).toEqual(['0', '1']);
    for (const {
      regimes: [ofDense, ofCompressed],
    } of found) {
      for (const layer of ofDense?.toDense ?? []) expect(layer.residual).toEqual({ cosine: 1, relativeError: 0 });
      for (const layer of ofCompressed?.toCompressed ?? []) expect(layer.attention?.relativeError).toBe(0);
      expect(ofDense?.toCompressed.at(-1)?.residual?.relativeError).toBeGreaterThan(0.01);
      expect(ofCompressed?.toDense.at(-1)?.residual?.relativeError).toBeGreaterThan(0.01);
    }
    const stop = new AbortController();
    runtime.onStep = () => stop.abort();
    const input = { regimes, dense: DENSE, compressed, items };
    await expect(runner.measureDistances(input, { signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
  });
});

test('a text of nothing but the begin token leaves every layer where it is, and patches as none does', async () => {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const empty = toRegime(null, { kind: 'text', text: '' });
  const items = [{ id: 'q', context, answer }];
  const [found] = await runner.measureDistances({ regimes: [empty], dense: DENSE, compressed: DENSE, items });
  for (const distances of found?.regimes[0]?.toDense ?? []) {
    for (const quantity of DISTANCE_QUANTITIES) expect(distances[quantity]?.relativeError).toBeLessThan(1e-5);
  }
  for (const of of TARGETS) {
    const own = await runner.patch({ donor: toRegime(PRUNED), receiver: DENSE, context, answer, of });
    const behind = await runner.patch({ donor: toRegime(PRUNED), receiver: empty, context, answer, of });
    // The begin token is met in the past there, so it has no row to patch.
    const first = of === 'residual' ? 1 : 0;
    expect(behind.columns).toEqual(own.columns.slice(first));
    expect(maxDifference(logs([behind.receiverProbability]), logs([own.receiverProbability]))).toBeLessThan(TOLERANCE);
    for (let layer = 0; of === 'residual' && layer < config.numLayers; layer++) {
      const [width, from] = [own.columns.length, layer * own.columns.length];
      const cells = logs(own.values.subarray(from + first, from + width));
      const later = logs(behind.values.subarray(layer * (width - 1), (layer + 1) * (width - 1)));
      expect(maxDifference(later, cells)).toBeLessThan(TOLERANCE);
    }
  }
});

test('what is looked into is freed with its format', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const runner = createRunner(runtime, { cacheLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const rounded = (bits: number) =>
    toRegime(parseRecipe({ version: 1, steps: [{ method: 'rtn', bits, groupSize: 16, symmetric: false }] }));
  const inspect = (regime: Regime) => runner.inspect({ regime, context, answer: null, taps: ['lens'] });
  await inspect(rounded(8));
  const held = runner.ownedBytes;
  await inspect(rounded(8));
  expect(runner.ownedBytes).toBe(held);
  for (const bits of [4, 2]) await inspect(rounded(bits));
  await runner.loadRecipe(rounded(8).recipe); // made anew, its graph with taps is not
  const before = runner.sessionsCreated;
  await inspect(rounded(8));
  expect(runner.sessionsCreated).toBe(before + 1);
  await runner.dispose();
  expect(runner.ownedBytes).toBe(0);
});
