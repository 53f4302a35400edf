import { expect, test } from 'vitest';
import { routingScores } from '../core/reference/routing.ts';
import { readGolden, readGoldenCheckpoint, readTinyPool } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER } from '../testing/number-tokenizer.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import '../testing/to-be-all-close.ts';
import { LoadedModel } from './loaded-model.ts';
import { createRuntime } from './session.ts';

const checkpoint = readGoldenCheckpoint();
const pool = readTinyPool(checkpoint.config);
const { sequence, short } = readGolden().ids;
const alone = [checkpoint.config.bosTokenId];

test.each([
  ['in rows of their own', 0],
  ['in one row', 64],
])('contexts get the scores of the reference %s, one of the begin token alone too', async (_, rowLength) => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const limits = { cacheLength: 64, weightBudgetBytes: 2 ** 28 };
  const model = new LoadedModel(runtime, { checkpoint, tokenizer: NUMBER_TOKENIZER, files: null }, limits);
  model.addRepair('pool', pool);
  const bound = await model.bind({ id: 'r', recipe: null, recovery: { kind: 'idp', repairId: 'pool' } });
  if (bound.routing === null) throw new Error('the regime does not route');
  const contexts = [sequence, alone, short, alone];
  const found = await bound.routing.router.route(bound.weights, bound.routing.pool, contexts, rowLength);
  for (const [i, ids] of contexts.entries()) {
    expect(found[i] ?? []).toBeAllClose(routingScores(checkpoint, pool, ids), TOLERANCES.probabilities);
  }
  // The reference would say so too, were no token counted by either.
  expect(Math.min(...(found[1] ?? [0]))).toBeGreaterThan(0);
});
