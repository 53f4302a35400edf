import { expect, test } from 'vitest';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER } from '../testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import type { BoundRegime } from './bound-regime.ts';
import { checkGolden } from './golden-gate.ts';
import { LoadedModel } from './loaded-model.ts';
import { createRuntime } from './session.ts';

const ROW_LENGTH = 64;
const THOROUGH = { rowLength: ROW_LENGTH, depth: 'thorough', routingDepth: 'thorough' } as const;
const checkpoint = readGoldenCheckpoint();
const regimes = makeTinyRegimes(checkpoint, readGolden(), readTinyFile);

async function bindKind(kind: 'none' | 'idp') {
  const runtime = await createRuntime({ kind: 'wasm' });
  const limits = { cacheLength: 64, weightBudgetBytes: 2 ** 28 };
  const model = new LoadedModel(runtime, { checkpoint, tokenizer: NUMBER_TOKENIZER, files: null }, limits);
  const found = regimes.find(({ golden, regime }) => golden !== null && regime.recovery.kind === kind);
  if (!found?.golden) throw new Error(`the fixtures have no golden logits of ${kind}`);
  const { regime, repair, golden } = found;
  if (repair !== null && 'repairId' in regime.recovery) model.addRepair(regime.recovery.repairId, repair);
  return { bound: await model.bind(regime), golden };
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
  const { bound, golden } = await bindKind('none');
  expect(await checkGolden(bound, golden, THOROUGH)).toMatchObject({
    status: 'passed',
    agreeing: golden.contexts.length,
  });
});

test('kernels that are wrong only deep in a packed row fail the gate', async () => {
  const { bound, golden } = await bindKind('none');
  const wrong = withWrongRows(bound, ROW_LENGTH / 2);
  const gate = await checkGolden(wrong, golden, THOROUGH);
  expect(gate).toMatchObject({ status: 'failed', contexts: golden.contexts.length });
  expect(gate.maxDifference).toBeGreaterThan(gate.tolerance);
});

test.each(['short', 'shortest'] as const)('a %s check compares contexts alone, and runs no row', async (depth) => {
  const { bound, golden } = await bindKind('none');
  const contexts = depth === 'short' ? golden.contexts.length : 1;
  const wrong = withWrongRows(bound, 0);
  const gate = await checkGolden(wrong, golden, { ...THOROUGH, depth });
  expect(gate).toMatchObject({ status: 'passed', contexts });
});

test.each([
  ['alone', 0],
  ['in a row', ROW_LENGTH],
])('routing scores that are wrong %s fail the gate', async (_, wrongLength) => {
  const { bound, golden } = await bindKind('idp');
  const { routing } = bound;
  if (routing === null) throw new Error('the regime does not route');
  expect((await checkGolden(bound, golden, THOROUGH)).status).toBe('passed');
  const router = Object.create(routing.router) as typeof routing.router;
  router.route = async (weights, pool, contexts, rowLength) => {
    const scores = await routing.router.route(weights, pool, contexts, rowLength);
    return rowLength === wrongLength ? scores.map((each) => each.map((score) => score + 1e-3)) : scores;
  };
  const wrong = { ...bound, routing: { ...routing, router } };
  // A decoder that is known leaves the router as it is: to be tried.
  const gate = await checkGolden(wrong, golden, { ...THOROUGH, depth: 'shortest' });
  expect(gate.status).toBe('failed');
});

test('Stop is heard between the runs of the gate', async () => {
  const { bound, golden } = await bindKind('none');
  const signal = AbortSignal.abort();
  await expect(checkGolden(bound, golden, { ...THOROUGH, signal })).rejects.toMatchObject({
    code: 'stopped',
  });
});
