import { beforeAll, expect, test } from 'vitest';
import { wholeLayers } from '../core/checkpoint/layer-shape.ts';
import { buildInspectGraph, buildPatchGraph, LAYER_TAPS } from '../core/onnx/inspect-graph.ts';
import { denseFormat } from '../core/onnx/weight-format.ts';
import { readGolden, readGoldenCheckpoint, readTinyRepair } from '../testing/fixtures.ts';
import { maxDifference } from '../testing/max-difference.ts';
import { NUMBER_TOKENIZER, toNumberText } from '../testing/number-tokenizer.ts';
import { InspectDecoder, PatchDecoder, type PatchEdit } from './inspect-decoder.ts';
import { LoadedModel } from './loaded-model.ts';
import { checkOnce, inspectorOf, type Look, patcherOf, prepareLook } from './look.ts';
import { createRuntime, type Runtime } from './session.ts';

const checkpoint = readGoldenCheckpoint();
const { config } = checkpoint;
const { sequence } = readGolden().ids;
const spec = { config, format: denseFormat(wholeLayers(config)), loraModules: new Set<string>() };
const RECOVERY = { kind: 'prefix', repairId: 'prefix' } as const;
const QUESTION = {
  regime: { id: 'prefix', recipe: null, recovery: RECOVERY },
  context: toNumberText(sequence.slice(1)),
  answer: '5 6',
};

let runtime: Runtime;
let model: LoadedModel;
let look: Look;

beforeAll(async () => {
  runtime = await createRuntime({ kind: 'wasm' });
  const limits = { cacheLength: 64, weightBudgetBytes: 2 ** 26 };
  model = new LoadedModel(runtime, { checkpoint, tokenizer: NUMBER_TOKENIZER, files: null }, limits);
  model.addRepair('prefix', readTinyRepair('prefix', config));
  look = await prepareLook(model, QUESTION, undefined);
});

/** A session that is run at few lengths, as on WebGPU, where a new one compiles kernels. */
const padded = (graph: Uint8Array) => runtime.createSession(graph, { onCpu: false });

test('a run that is padded hands out what one at its own length does', async () => {
  const whole = await (await inspectorOf(model, look.bound)).run(look.input, LAYER_TAPS);
  const decoder = new InspectDecoder(await padded(buildInspectGraph(spec)), spec);
  expect(look.input.base).toBeGreaterThan(0);
  const seen = await decoder.run(look.input, LAYER_TAPS);
  for (const tap of LAYER_TAPS) {
    expect(whole.taps.get(tap)?.length).toBe(tap === 'residual' ? config.numLayers + 1 : config.numLayers);
    for (const [i, values] of (whole.taps.get(tap) ?? []).entries()) {
      expect(maxDifference(seen.taps.get(tap)?.[i] ?? [], values)).toBeLessThan(1e-5);
    }
  }
  for (const [i, values] of whole.lens.entries()) expect(maxDifference(seen.lens[i] ?? [], values)).toBeLessThan(1e-4);
});

test('patched runs that are padded and go at once say what each says alone', async () => {
  const numRows = look.input.ids.length;
  const size = numRows * config.hiddenSize;
  const edit: PatchEdit = {
    target: 'residual',
    layer: 0,
    width: config.hiddenSize,
    kept: new Float32Array(size).map((_, i) => (i < config.hiddenSize ? 0 : 1)),
    added: new Float32Array(size).map((_, i) => (i < config.hiddenSize ? Math.sin(i) : 0)),
  };
  const decoder = new PatchDecoder(await padded(buildPatchGraph(spec)), spec);
  const patcher = await patcherOf(model, look.bound);
  const [own = new Float32Array()] = await patcher.run(look.input, [edit]);
  expect(own.length).toBe(look.input.rows.length * config.vocabSize);
  const [plain = new Float32Array()] = await patcher.run(look.input, [null]);
  expect(maxDifference(plain, own)).toBeGreaterThan(0.01);
  const together = await decoder.run(look.input, [edit, null, edit]);
  for (const [i, expected] of [own, plain, own].entries()) {
    expect(maxDifference(together[i] ?? [], expected)).toBeLessThan(1e-4);
  }
});

test('logits that are not those of the fast graph are refused, and its own are compared once', async () => {
  const inspector = new InspectDecoder(await padded(buildInspectGraph(spec)), spec);
  const { lens } = await inspector.run(look.input, []);
  const logits = lens.at(-1) ?? new Float32Array();
  const other = logits.with(logits.length - 1, (logits.at(-1) ?? 0) + 0.01);
  await expect(checkOnce(inspector, look, other)).rejects.toMatchObject({ code: 'golden-mismatch' });
  await checkOnce(inspector, look, logits);
  let steps = 0;
  runtime.onStep = () => steps++;
  await checkOnce(inspector, look, logits);
  runtime.onStep = null;
  expect(steps).toBe(0);
});
