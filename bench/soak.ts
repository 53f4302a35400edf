import { createRunner } from '../src/engine/runner.ts';
import { NUMBER_TOKENIZER } from '../src/testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../src/testing/tiny-regimes.ts';
import { createPageRuntime, publish } from './page-device.ts';
import { readTiny } from './read-tiny.ts';

const CYCLES = 50;
/** Every kind of recovery once. */
const REGIMES_PER_CYCLE = 8;

/** Loads, prepares and disposes again and again on one runtime; what it owns must be the same in every cycle, and nothing between them. */
async function soak() {
  const { checkpoint, golden, read } = await readTiny();
  const { runtime, device } = await createPageRuntime();
  const regimes = makeTinyRegimes(checkpoint, golden, read).slice(0, REGIMES_PER_CYCLE);
  const ownedBytes: number[] = [];
  const leftBytes: number[] = [];
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const runner = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
    await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
    for (const { regime, repair } of regimes) {
      await runner.loadRecipe(regime.recipe);
      await runner.prepareRegime(regime, repair, null);
    }
    ownedBytes.push(runner.ownedBytes);
    await runner.dispose();
    leftBytes.push(runtime.ownedBytes);
    if ((cycle + 1) % 10 === 0) console.log(`cycle ${cycle + 1} of ${CYCLES}: ${runner.ownedBytes} bytes left`);
  }
  return { device, ownedBytes, leftBytes, sessionsCreated: runtime.sessionsCreated };
}

void publish(soak);
