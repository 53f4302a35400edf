import { parseRecipe } from '../src/core/compress/parse-recipe.ts';
import type { Recipe } from '../src/core/compress/recipe.ts';
import { seededRandom } from '../src/core/random.ts';
import { createRunner } from '../src/engine/runner.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../src/testing/number-tokenizer.ts';
import { createPageRuntime, publish } from './page-device.ts';
import { readTiny } from './read-tiny.ts';

declare global {
  /** Resident bytes of all processes of the browser; null where the platform does not tell. Given by `run-page.mjs`. */
  var benchMemory: (() => Promise<number | null>) | undefined;
}

const CYCLES = 50;
/** Sessions, heaps and caches have their size by then. */
const WARM_CYCLES = 10;
const CALIBRATION = { samples: 24, seed: 0 };
const WALK = { blockSize: 32, dampening: 0.01, calibration: CALIBRATION };
const UNITS = { share: 0.5, allocation: 'uniform', calibration: CALIBRATION };
const STEPS: readonly unknown[] = [
  { method: 'magnitude', pattern: '2:4' },
  { method: 'wanda', sparsity: 0.5, calibration: CALIBRATION },
  { method: 'sparsegpt', sparsity: 0.5, ...WALK },
  { method: 'rtn', bits: 4, groupSize: 32, symmetric: false },
  { method: 'gptq', bits: 4, groupSize: 32, symmetric: false, actOrder: true, ...WALK },
  { method: 'awq', bits: 4, groupSize: 32, symmetric: false, embeddings: 8, calibration: CALIBRATION },
  { method: 'neurons', ...UNITS },
  { method: 'heads', ...UNITS },
];

/** Compresses by every method and restores the dense model, again and again, on one runner. */
async function soak() {
  const { checkpoint } = await readTiny();
  const { runtime, device } = await createPageRuntime();
  const random = seededRandom(1);
  const number = () => 3 + random.integer(checkpoint.config.vocabSize - 3);
  const sentences = Array.from({ length: 40 }, () => [toNumberText(Array.from({ length: 6 }, number))]);
  const runner = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER, {
    dtype: 'F32',
    readSentences: async () => sentences,
    readVariant: async () => null,
  });
  const recipes = STEPS.map((step): Recipe => parseRecipe({ version: 1, steps: [step] }));
  const items = [{ id: 'item', context: toNumberText([5, 9, 17]), answer: toNumberText([8]) }];
  const ownedBytes: number[] = [];
  const memoryBytes: (number | null)[] = [];
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    for (const recipe of [...recipes, null]) {
      await runner.loadRecipe(recipe);
      await runner.score({ id: `${cycle} ${JSON.stringify(recipe)}`, recipe, recovery: { kind: 'none' } }, items);
    }
    if (cycle < WARM_CYCLES) continue;
    ownedBytes.push(runner.ownedBytes);
    globalThis.gc?.();
    memoryBytes.push((await globalThis.benchMemory?.()) ?? null);
    if (cycle % 10 === 0) console.log(`cycle ${cycle} of ${CYCLES}: ${runner.ownedBytes} bytes owned`);
  }
  await runner.dispose();
  return { device, ownedBytes, memoryBytes, leftBytes: runtime.ownedBytes };
}

void publish(soak);
