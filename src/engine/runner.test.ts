import { beforeAll, describe, expect, test } from 'vitest';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import { createRunner, type Runner } from './runner.ts';
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
