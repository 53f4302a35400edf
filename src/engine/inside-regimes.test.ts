import { beforeAll, describe, expect, test } from 'vitest';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { Repair } from '../core/recover/repair.ts';
import {
  readGolden,
  readGoldenCheckpoint,
  readStructuredGolden,
  readTinyPool,
  readTinyRepair,
} from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

// Nats: a random model's answers have probabilities of 1e-10, so that logarithms are compared. Both graphs sum in float32.
const TOLERANCE = 1e-4;
const ALL = ['attention', 'residual', 'activations', 'lens'] as const;
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequences } = readStructuredGolden();
const question = { context: toNumberText(readGolden().ids.sequence.slice(1)), answer: '5 6' };
const calibration = { samples: sequences.length, seed: 0 };

const PRUNE = { method: 'magnitude', sparsity: 0.5, granularity: 'per-output' };
const ROUND = { method: 'rtn', bits: 4, groupSize: 16, symmetric: false };
const SHRINK = ['neurons', 'heads'].map((method) => ({ method, share: 0.5, allocation: 'uniform', calibration }));
const RECIPES: Readonly<Record<string, readonly object[]>> = {
  pruned: [PRUNE],
  'rounded, embeddings too': [{ ...ROUND, embeddings: 4 }],
  'pruned, then rounded': [PRUNE, ROUND],
  'rounded with input scales': [{ ...ROUND, method: 'awq', calibration }],
  smaller: SHRINK,
  'smaller, then rounded': [...SHRINK, ROUND],
};

const REPAIRS: Readonly<Record<string, Repair>> = {
  prompt: readTinyRepair('prompt', config),
  prefix: readTinyRepair('prefix', config),
  pool: readTinyPool(config),
  lora: readTinyRepair('lora', config),
};
const RECOVERIES: readonly Recovery[] = [
  { kind: 'none' },
  { kind: 'text', text: '9 10' },
  { kind: 'prompt', repairId: 'prompt' },
  { kind: 'prefix', repairId: 'prefix' },
  { kind: 'idp', repairId: 'pool' },
  { kind: 'lora-merged', repairId: 'lora', recompress: false },
  { kind: 'lora-merged', repairId: 'lora', recompress: true },
  { kind: 'lora-unmerged', repairId: 'lora' },
];

const toRegime = (recipe: Regime['recipe'], recovery: Recovery): Regime => {
  return { id: JSON.stringify([recipe, recovery]), recipe, recovery };
};
const DENSE = toRegime(null, { kind: 'none' });
const nats = (...probabilities: (number | null | undefined)[]) => probabilities.map((value) => Math.log(value ?? 0));

async function makeRunner(): Promise<Runner> {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, {
    dtype: 'F32',
    readSentences: async () => sequences.map((ids) => [toNumberText(ids.slice(1))]),
    readVariant: async () => null,
  });
  return runner;
}

const repairOf = (recovery: Recovery) => ('repairId' in recovery ? (REPAIRS[recovery.repairId] ?? null) : null);

async function scoreOf(runner: Runner, regime: Regime): Promise<number> {
  const [scored] = await runner.scoreItemByItem(regime, [{ id: '', ...question }]);
  return scored?.logLikelihood ?? Number.NaN;
}

describe.each(Object.keys(RECIPES))('a model that is %s', (name) => {
  const recipe = parseRecipe({ version: 1, steps: RECIPES[name] });
  let runner: Runner;
  let ofDense: number;
  beforeAll(async () => {
    runner = await makeRunner();
    ofDense = await scoreOf(runner, DENSE);
  });

  test.each(RECOVERIES)('is seen from inside as it answers, and patched into dense: %j', async (recovery) => {
    const regime = toRegime(recipe, recovery);
    await runner.prepareRegime(regime, repairOf(recovery), null);
    const own = await scoreOf(runner, regime);
    const { ownedBytes } = runner;
    const seen = await runner.inspect({ regime, ...question, taps: ALL });
    expect(maxDifference(nats(seen.answerProbability), [own])).toBeLessThan(TOLERANCE);
    for (const { numHeads, data } of seen.attention ?? []) {
      const width = seen.columns.length;
      expect(data.length).toBe(numHeads * seen.rows.length * width);
      for (let from = 0; from < data.length; from += width) {
        expect(Math.abs(data.subarray(from, from + width).reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(
          1e-5,
        );
      }
    }
    const patch = (donor: Regime, of: 'residual' | 'heads') =>
      runner.patch({ donor, receiver: regime, ...question, of });
    const { whole, receiverProbability } = await patch(DENSE, 'residual');
    expect(maxDifference(nats(receiverProbability), [own])).toBeLessThan(TOLERANCE);
    // The stream is the dense model's then; the head that reads it is the receiver's.
    const hasDenseHead = !name.includes('embeddings');
    expect(maxDifference(nats(whole.at(-1)), [ofDense]) < TOLERANCE).toBe(hasDenseHead);
    const { values } = await patch(regime, 'heads');
    const given = values.filter((value) => !Number.isNaN(value));
    expect(maxDifference(nats(...given), new Array<number>(given.length).fill(own))).toBeLessThan(TOLERANCE);
    // Every graph binds the weights of the one that answers.
    expect(runner.ownedBytes).toBe(ownedBytes);
    const compressed = toRegime(recipe, { kind: 'none' });
    const [found] = await runner.measureDistances({
      regimes: [regime],
      dense: DENSE,
      compressed,
      items: [{ id: '', ...question }],
    });
    const distances = found?.regimes[0];
    expect(distances?.toDense).toHaveLength(config.numLayers);
    expect(distances?.toDense.every(({ attention, residual }) => attention !== null && residual !== null)).toBe(true);
    expect(distances?.toDense.some(({ activations }) => activations === null)).toBe(name.startsWith('smaller'));
    expect(distances?.toCompressed.every(({ activations }) => activations !== null)).toBe(true);
  });
});

test('looking, patching and asking over again while recipes come and go takes no more bytes and makes no more sessions', async () => {
  const runner = await makeRunner();
  const held: string[] = [];
  for (let cycle = 0; cycle < 20; cycle++) {
    const sparsity = 0.3 + cycle / 50;
    const steps = cycle % 2 === 0 ? [{ ...PRUNE, sparsity }] : [{ ...PRUNE, sparsity }, ROUND];
    const recipe = parseRecipe({ version: 1, steps });
    for (const recovery of RECOVERIES) {
      const regime = toRegime(recipe, recovery);
      await runner.prepareRegime(regime, repairOf(recovery), null);
      await runner.inspect({ regime, ...question, taps: ALL });
      await runner.patch({ donor: DENSE, receiver: regime, ...question, of: 'residual' });
      if (recovery.kind !== 'idp') continue;
      await runner.askPool(regime, [{ id: '', ...question }], { maxNewTokens: 3 });
    }
    held.push(`${runner.ownedBytes} bytes, ${runner.sessionsCreated} sessions`);
  }
  // The dense model and two recipes stay; then each one takes the place of another of its form.
  expect(new Set(held.slice(4))).toEqual(new Set(held.slice(-1)));
  await runner.dispose();
  expect(runner.ownedBytes).toBe(0);
});
