import { beforeAll, expect, test } from 'vitest';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { NUMBER_TOKENIZER } from '../testing/number-tokenizer.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import { createRunner } from './runner.ts';
import type { Runner } from './runner-type.ts';
import { createRuntime } from './session.ts';

const MODULE = 'model.layers.1.mlp.gate_proj';
const checkpoint = readGoldenCheckpoint();
const regimes = makeTinyRegimes(checkpoint, readGolden(), readTinyFile);
let runner: Runner;

beforeAll(async () => {
  runner = createRunner(await createRuntime({ kind: 'wasm' }), { cacheLength: 64, rowLength: 64 });
  await runner.loadCheckpoint(checkpoint, NUMBER_TOKENIZER);
  for (const { regime, repair } of regimes) await runner.prepareRegime(regime, repair, null);
});

function regimeOf(name: string, recovery: Recovery['kind'], recompress = false): Regime {
  const found = regimes.find(({ regime }) => {
    const { kind } = regime.recovery;
    const isForm = !('recompress' in regime.recovery) || regime.recovery.recompress === recompress;
    return regime.id.startsWith(`${name}/`) && kind === recovery && isForm;
  });
  if (found === undefined) throw new Error(`the fixtures have no ${name} with ${recovery}`);
  return found.regime;
}

test.each([
  ['dense', 'none'],
  ['dense', 'prefix'],
  ['dense', 'idp'],
  ['magnitude', 'none'],
  ['rtn', 'prompt'],
] as const)('%s with %s has its matrix before and after, and no LoRA', async (name, recovery) => {
  const { before, after, lora } = await runner.inspectMatrix(regimeOf(name, recovery), MODULE);
  expect(lora).toBeNull();
  expect([...before.weight]).toEqual([...(checkpoint.tensors.get(`${MODULE}.weight`)?.data ?? [])]);
  expect(after.shape).toEqual(before.shape);
  const same = after.weight.filter((weight, i) => weight === before.weight[i]).length;
  if (name === 'dense') expect(same).toBe(before.weight.length);
  else expect(same).toBeLessThan(before.weight.length);
});

test('a LoRA is the same merged and beside the weights, and another one with the recipe applied again', async () => {
  const read = async (recovery: Recovery['kind'], recompress = false) =>
    (await runner.inspectMatrix(regimeOf('rtn', recovery, recompress), MODULE)).lora;
  const merged = await read('lora-merged');
  const unmerged = await read('lora-unmerged');
  const recompressed = await read('lora-merged', true);
  expect(unmerged).toEqual(merged);
  expect(merged?.singularValues.every((value) => value > 0)).toBe(true);
  expect(recompressed?.singularValues).toEqual(merged?.singularValues);
  expect(recompressed?.merged).not.toEqual(merged?.merged);
  // Codes of 4 bits or fewer leave far fewer values than weights.
  expect(new Set(recompressed?.merged).size).toBeLessThan(new Set(merged?.merged).size / 2);
});

test('an unknown matrix is refused, and so is a LoRA that was not loaded', async () => {
  const dense = regimeOf('dense', 'none');
  await expect(runner.inspectMatrix(dense, 'model.layers.9.mlp.up_proj')).rejects.toMatchObject({
    code: 'input-invalid',
    details: { field: 'module', observed: 'model.layers.9.mlp.up_proj' },
  });
  const other: Regime = { ...dense, recovery: { kind: 'lora-unmerged', repairId: 'other' } };
  await expect(runner.inspectMatrix(other, MODULE)).rejects.toMatchObject({ code: 'repair-invalid' });
});

test('a reading that is cancelled before it begins is stopped', async () => {
  const signal = AbortSignal.abort();
  await expect(runner.inspectMatrix(regimeOf('dense', 'none'), MODULE, { signal })).rejects.toMatchObject({
    code: 'stopped',
  });
  const stop = new AbortController();
  const reading = runner.inspectMatrix(regimeOf('rtn', 'lora-merged'), MODULE, { signal: stop.signal });
  queueMicrotask(() => stop.abort());
  await expect(reading).rejects.toMatchObject({ code: 'stopped' });
});
