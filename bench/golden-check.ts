import type { Checkpoint } from '../src/core/checkpoint/checkpoint.ts';
import { createRunner } from '../src/engine/runner.ts';
import type { Runner } from '../src/engine/runner-type.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../src/testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../src/testing/tiny-regimes.ts';
import { createPageRuntime, publish } from './page-device.ts';
import { readTiny } from './read-tiny.ts';

/** Every regime of the tiny model against PyTorch's answers; on WebGPU no node is left to the CPU. */
async function check() {
  const { checkpoint, golden, read } = await readTiny();
  const { runtime, device } = await createPageRuntime();
  const runner = createRunner(runtime, { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const { sequence, short, target } = golden.ids;
  const rows = [];
  for (const { name, regime, repair, golden: of } of makeTinyRegimes(checkpoint, golden, read)) {
    const startedAt = performance.now();
    await runner.loadRecipe(regime.recipe);
    const { gate, sessionsCreated } = await runner.prepareRegime(regime, repair, of);
    const row = { id: regime.id, status: gate.status, maxDifference: gate.maxDifference, sessionsCreated };
    const items = [sequence, short, sequence.slice(0, 4)].map((ids, i) => ({
      id: String(i),
      context: toNumberText(ids.slice(1)),
      answer: toNumberText(target.slice(0, -1)),
    }));
    const packed = await runner.score(regime, items);
    const single = await runner.scoreItemByItem(regime, items);
    const apart = packed.map((score, i) => Math.abs(score.logLikelihood - (single[i]?.logLikelihood ?? Number.NaN)));
    let decodes = true;
    if (name !== 'dense/pool') {
      const expected = [...golden.tensor(`${name}/decode-ids`).data];
      const end = expected.indexOf(checkpoint.config.eosTokenId);
      const result = await runner.generate({
        regime,
        context: toNumberText(sequence.slice(1, 5)),
        answer: null,
        maxNewTokens: expected.length,
        sampling: { temperature: 0, topK: 0, seed: 0 },
      });
      decodes = result.text === toNumberText(end < 0 ? expected : expected.slice(0, end));
    }
    rows.push({ ...row, decodes, packedApart: Math.max(...apart), ms: performance.now() - startedAt });
  }
  const ownedBytes = runner.ownedBytes;
  const sessionsCreated = runner.sessionsCreated;
  await runner.dispose();
  const leftBytes = runner.ownedBytes;
  const lossCodes = runtime.device === null ? [] : await loseDevice(runtime.device, runner, checkpoint);
  return { device, rows, ownedBytes, sessionsCreated, leftBytes, lossCodes };
}

/** Codes of two calls after the device is gone: both must answer. */
async function loseDevice(device: GPUDevice, runner: Runner, checkpoint: Checkpoint): Promise<string[]> {
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  const regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } } as const;
  device.destroy();
  await device.lost;
  const codes: string[] = [];
  for (let i = 0; i < 2; i++) {
    const code = await runner.time(regime, '5 6 7', 2).then(
      () => 'answered',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
    codes.push(code);
  }
  return codes;
}

void publish(check);
