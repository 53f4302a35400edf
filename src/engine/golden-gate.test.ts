import { expect, test } from 'vitest';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER } from '../testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import type { BoundRegime } from './bound-regime.ts';
import { checkGolden } from './golden-gate.ts';
import { LoadedModel } from './loaded-model.ts';
import { createRuntime } from './session.ts';

const ROW_LENGTH = 64;
const checkpoint = readGoldenCheckpoint();
const regimes = makeTinyRegimes(checkpoint, readGolden(), readTinyFile);

async function bindDense() {
  const limits = { cacheLength: 64, rowLength: ROW_LENGTH, weightBudgetBytes: 2 ** 28 };
  const model = new LoadedModel(await createRuntime({ kind: 'wasm' }), checkpoint, NUMBER_TOKENIZER, limits);
  const dense = regimes.find(({ golden, repair }) => golden !== null && repair === null);
  if (!dense?.golden) throw new Error('the fixtures have no golden logits of a plain regime');
  return { bound: await model.bind(dense.regime), golden: dense.golden };
}

/** The regime with a scorer whose kernels are wrong for the tokens of a row from `from` on. */
function withWrongRows(bound: BoundRegime, from: number): BoundRegime {
  const scorer = Object.create(bound.scorer) as BoundRegime['scorer'];
  scorer.run = async (weights, cache, input) => {
    const logits = await bound.scorer.run(weights, cache, input);
    const { vocabSize } = bound.decoder.config;
    return logits.map((value, i) => ((input.rows[Math.floor(i / vocabSize)] ?? 0) >= from ? -value : value));
  };
  return { ...bound, scorer };
}

test('a regime passes alone and in a row', async () => {
  const { bound, golden } = await bindDense();
  expect(await checkGolden(bound, golden, { rowLength: ROW_LENGTH })).toMatchObject({
    status: 'passed',
    agreeing: golden.contexts.length,
  });
});

test('kernels that are wrong only deep in a packed row fail the gate', async () => {
  const { bound, golden } = await bindDense();
  const wrong = withWrongRows(bound, ROW_LENGTH / 2);
  const gate = await checkGolden(wrong, golden, { rowLength: ROW_LENGTH });
  expect(gate).toMatchObject({ status: 'failed', contexts: golden.contexts.length });
  expect(gate.maxDifference).toBeGreaterThan(gate.tolerance);
});

test('Stop is heard between the runs of the gate', async () => {
  const { bound, golden } = await bindDense();
  const signal = AbortSignal.abort();
  await expect(checkGolden(bound, golden, { rowLength: ROW_LENGTH, signal })).rejects.toMatchObject({
    code: 'stopped',
  });
});
