import { beforeAll, describe, expect, test } from 'vitest';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { spyOnRuns } from '../testing/spy-on-runs.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import type { RegimeGolden } from './golden-gate.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const golden = readGolden();
const checkpoint = readGoldenCheckpoint();
const regimes = makeTinyRegimes(checkpoint, golden, readTinyFile);
const { sequence, target } = golden.ids;
// Sums of four log-probabilities of size 5; logits agree to 1e-5.
const LOG_LIKELIHOOD_TOLERANCE = 1e-3;
const GREEDY = { temperature: 0, topK: 0, seed: 1 };

async function makeRunner(): Promise<Runner> {
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  return runner;
}

describe('on wasm', () => {
  let runner: Runner;
  beforeAll(async () => {
    runner = await makeRunner();
  });

  test.each(regimes.map((regime) => [regime.regime.id, regime] as const))(
    '%s gives the logits of PyTorch, and switching to it makes no session',
    async (_, { regime, repair, golden: of }) => {
      await runner.loadRecipe(regime.recipe);
      const prepared = await runner.prepareRegime(regime, repair, of);
      expect(prepared.gate).toMatchObject({ status: 'passed', agreeing: of.contexts.length });
      expect(prepared.gate.maxDifference).toBeLessThan(1e-4);
      expect(prepared.sessionsCreated).toBe(0);
    },
  );

  test.each(regimes.filter(({ name }) => name !== 'dense/pool').map((regime) => [regime.regime.id, regime] as const))(
    '%s decodes and scores as PyTorch does',
    async (_, { name, regime, repair }) => {
      await runner.prepareRegime(regime, repair, null);
      const expected = [...golden.tensor(`${name}/decode-ids`).data];
      const end = expected.indexOf(checkpoint.config.eosTokenId);
      const result = await runner.generate({
        regime,
        context: toNumberText(sequence.slice(1, 5)),
        answer: null,
        maxNewTokens: expected.length,
        sampling: GREEDY,
      });
      expect(result.text).toBe(toNumberText(end < 0 ? expected : expected.slice(0, end)));

      const item = { id: 'a', context: toNumberText(sequence.slice(1)), answer: toNumberText(target.slice(0, -1)) };
      const sum = golden.tensor(`${name}/target-logprobs`).data.reduce((total, value) => total + value, 0);
      const [packed] = await runner.score(regime, [item]);
      const [single] = await runner.scoreItemByItem(regime, [item]);
      expect(Math.abs((packed?.logLikelihood ?? 0) - sum)).toBeLessThan(LOG_LIKELIHOOD_TOLERANCE);
      expect(Math.abs((single?.logLikelihood ?? 0) - sum)).toBeLessThan(LOG_LIKELIHOOD_TOLERANCE);
    },
  );
});

test('long runs are tried with the first regime of a decoder, and again after one that failed', async () => {
  const { runtime, lengths } = await spyOnRuns();
  const rowLength = 64;
  const runner = createRunner(runtime, { cacheLength: rowLength, rowLength });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const plain = regimes.filter(({ regime }) => regime.recovery.kind === 'none' && regime.recipe === null)[0];
  if (plain === undefined) throw new Error('the fixtures have no plain regime');
  const countRows = async (of: RegimeGolden) => {
    lengths.length = 0;
    const { gate } = await runner.prepareRegime(plain.regime, null, of);
    return { status: gate.status, rows: lengths.filter((length) => length > rowLength / 2).length };
  };
  const wrong = {
    ...plain.golden,
    logits: plain.golden.logits.map((logits) => ({ ...logits, sampled: logits.sampled.map((value) => value + 1) })),
  };
  expect(await countRows(wrong)).toEqual({ status: 'failed', rows: 1 });
  expect(await countRows(plain.golden)).toEqual({ status: 'passed', rows: 1 });
  expect(await countRows(plain.golden)).toEqual({ status: 'passed', rows: 0 });
});

test('a router is tried as deeply as any that is new, however well its decoder is known', async () => {
  const rowLength = 64;
  const gates = { otherDecoders: 'thorough', otherRegimes: 'shortest' } as const;
  const runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: rowLength, rowLength, gates });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const isOf = (kind: string) => (each: (typeof regimes)[number]) =>
    each.regime.recovery.kind === kind && each.regime.recipe === null;
  const [plain, pool] = [regimes.find(isOf('none')), regimes.find(isOf('idp'))];
  if (plain === undefined || pool === undefined) throw new Error('the fixtures lack a regime');
  await runner.prepareRegime(plain.regime, null, plain.golden);
  const scores = pool.golden.scores?.map((score, i, all) => (i < all.length / 2 ? score + 1 : score)) ?? null;
  const wrongInTheLonger = { ...pool.golden, scores };
  const prepare = async (golden: RegimeGolden) =>
    (await runner.prepareRegime(pool.regime, pool.repair, golden)).gate.status;
  expect(await prepare(wrongInTheLonger)).toBe('failed');
  expect(await prepare(pool.golden)).toBe('passed');
  expect(await prepare(wrongInTheLonger)).toBe('passed');
});
