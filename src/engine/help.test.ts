import { expect, test } from 'vitest';
import { wholeLayers } from '../core/checkpoint/layer-shape.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import { denseFormat } from '../core/onnx/weight-format.ts';
import { readGolden, readGoldenCheckpoint, readTinyFile } from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { makeTinyRegimes } from '../testing/tiny-regimes.ts';
import { createDecoder } from './decoder.ts';
import { createPrefixHelp, createPromptHelp, type Help, type HelpSource, range } from './help.ts';
import { createRuntime } from './session.ts';
import { createSharedWeights, createVariantWeights } from './weights.ts';

const golden = readGolden();
const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequence } = golden.ids;
const repairs = new Map(
  makeTinyRegimes(checkpoint, golden, readTinyFile).map(({ name, repair }) => [name, repair] as const),
);

async function makeSource(): Promise<HelpSource> {
  const runtime = await createRuntime({ kind: 'wasm' });
  const decoder = await createDecoder(runtime, {
    config,
    format: denseFormat(wholeLayers(config)),
    loraModules: new Set(),
    attention: 'plain',
    hasBias: true,
  });
  const shared = createSharedWeights(runtime, checkpoint, 128);
  const matrices = createVariantWeights(runtime, toVariant(checkpoint));
  return { runtime, decoder, weights: new Map([...shared.tensors, ...matrices.tensors]), capacity: 64 };
}

function runBehind({ decoder, weights }: HelpSource, { cache, start }: Help): Promise<Float32Array> {
  const rows = range(0, sequence.length);
  const positions = range(start, start + sequence.length);
  return decoder.run(weights, cache, { ids: sequence, positions, rows, keepsCache: false });
}

function promptOf(name: string) {
  const repair = repairs.get(name);
  if (repair?.kind !== 'prompt') throw new Error(`${name} has no prompt.`);
  return repair;
}

test('where a prompt and its context start together changes nothing', async () => {
  const source = await makeSource();
  const prompt = promptOf('dense/prompt');
  const expected = golden.tensor('dense/prompt/logits').data;
  for (const start of [5, 6, 12, 40]) {
    const logits = await runBehind(source, await createPromptHelp(source, prompt, start));
    expect(maxDifference(logits, expected)).toBeLessThan(1e-4);
  }
});

test('a context moved away from its prompt gives other logits, so positions do count', async () => {
  const source = await makeSource();
  const help = await createPromptHelp(source, promptOf('dense/prompt'), 5);
  const logits = await runBehind(source, { ...help, start: 25 });
  expect(maxDifference(logits, golden.tensor('dense/prompt/logits').data)).toBeGreaterThan(1e-2);
});

test('the cache of a prompt and of a prefix holds the keys of PyTorch', async () => {
  const source = await makeSource();
  const prefix = repairs.get('dense/prefix');
  if (prefix?.kind !== 'prefix') throw new Error('dense/prefix has no prefix.');
  const helps = {
    prompt: await createPromptHelp(source, promptOf('dense/prompt'), 5),
    prefix: createPrefixHelp(source, prefix),
  };
  for (const [kind, { cache }] of Object.entries(helps)) {
    for (let layer = 0; layer < config.numLayers; layer++) {
      const { shape, data } = golden.tensor(`dense/${kind}/k.${layer}`);
      const slots = shape[1] ?? 0;
      const own = Array.from({ length: config.numKvHeads }, (_, head) => {
        const from = head * slots * config.headDim;
        return [...data.subarray(from, from + cache.base * config.headDim)];
      }).flat();
      expect(maxDifference(await cache.readBaseKeys(layer), own)).toBeLessThan(1e-5);
    }
  }
});

test('a run behind a help leaves the help as it was', async () => {
  const source = await makeSource();
  const help = await createPromptHelp(source, promptOf('dense/prompt'), 5);
  const first = await runBehind(source, help);
  const second = await runBehind(source, help);
  expect(maxDifference(first, second)).toBe(0);
});
