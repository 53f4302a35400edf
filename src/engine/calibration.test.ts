import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import '../testing/to-be-all-close.ts';
import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import type { CalibrationSource, Gram, LayerInputs } from '../core/compress/calibration.ts';
import { drawSamples, toCalibrationSentences } from '../core/compress/calibration-samples.ts';
import type { Matrices } from '../core/compress/method.ts';
import { rtn } from '../core/compress/rtn.ts';
import { parseTask } from '../core/eval/tasks.ts';
import { tensorOf } from '../core/onnx/decoder-weights.ts';
import { seededRandom } from '../core/random.ts';
import { createPlainCalibration } from '../core/reference/calibration.ts';
import { tinyCheckpoint } from '../testing/make-checkpoint.ts';
import { TOLERANCES } from '../testing/tolerances.ts';
import { OrtCalibration } from './calibration.ts';
import { createRuntime, type Runtime } from './session.ts';
import { createTokenizer } from './tokenizer.ts';

const checkpoint = tinyCheckpoint({ numLayers: 3 });
const random = seededRandom(5);
/** More than fit into one row; two begin alike, and one stands there twice. */
const samples = [
  [0, 5, 6, 7, 1],
  [0, 5, 6, 9],
  [0, 5, 6, 7, 1],
  ...Array.from({ length: 16 }, () => Array.from({ length: 1 + random.integer(30) }, () => random.integer(40))),
];
const OPTIONS = { samples: samples.length, seed: 0 };

async function createSource(runtime: Runtime): Promise<OrtCalibration> {
  return new OrtCalibration(runtime, checkpoint, async () => samples);
}

/** The matrices of a layer, after a rounding of all of them to 4 bits where `isRounded`. */
function matricesOf({ config }: Checkpoint, layer: number, isRounded: boolean): Matrices {
  const { matrices } = toVariant(checkpoint);
  const own = new Map([...matrices].filter(([module]) => module.startsWith(`model.layers.${layer}.`)));
  const step = { method: 'rtn', bits: 4, groupSize: 16, symmetric: false, scaleDtype: 'F16' } as const;
  expect(own.size * config.numLayers).toBe(matrices.size);
  return isRounded ? new Map([...own, ...(rtn.kind === 'weights' ? rtn.apply(own, step) : [])]) : own;
}

/** The inputs of all layers, each gathered before the layer is rounded. */
async function walk(source: CalibrationSource): Promise<LayerInputs[]> {
  const run = await source.begin(tensorOf(checkpoint, 'model.embed_tokens.weight'), OPTIONS, {});
  const all: LayerInputs[] = [];
  for (let layer = 0; layer < checkpoint.config.numLayers; layer++) {
    all.push(await run.inputsOf(matricesOf(checkpoint, layer, false), {}));
    await run.advance(matricesOf(checkpoint, layer, true), {});
  }
  run.dispose();
  return all;
}

/** `G_ij / sqrt(G_ii G_jj)`. */
function toCorrelations({ size, data }: Gram, { data: of }: Gram): Float64Array {
  const scale = (i: number) => Math.sqrt(of[i * size + i] ?? 0);
  return data.map((value, at) => value / (scale(Math.floor(at / size)) * scale(at % size)));
}

function expectSameInputs(found: readonly LayerInputs[], expected: readonly LayerInputs[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [layer, grams] of expected.entries()) {
    expect([...(found[layer]?.keys() ?? [])].sort()).toEqual([...grams.keys()].sort());
    for (const [tap, gram] of grams) {
      const other = found[layer]?.get(tap) ?? { size: 0, data: new Float64Array(), magnitudes: new Float64Array() };
      expect(other.size).toBe(gram.size);
      expect(toCorrelations(other, gram)).toBeAllClose(toCorrelations(gram, gram), TOLERANCES.correlations);
      expect(other.magnitudes).toBeAllClose(gram.magnitudes, TOLERANCES.magnitudes);
    }
  }
}

const plain = createPlainCalibration(checkpoint, () => samples);

test('every layer reads what the plain forward pass says, behind the compressed layers before it', async () => {
  const source = await createSource(await createRuntime({ kind: 'wasm' }));
  expectSameInputs(await walk(source), await walk(plain));
  await source.dispose();
});

test('padded rows, as a runtime that compiles by shape runs them, count nothing', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const createSession = runtime.createSession.bind(runtime);
  runtime.createSession = async (...args) => Object.assign(await createSession(...args), { compilesByShape: true });
  expectSameInputs(await walk(await createSource(runtime)), await walk(plain));
});

test('all layers and walks share two sessions, and no byte stays behind', async () => {
  const runtime = await createRuntime({ kind: 'wasm' });
  const source = await createSource(runtime);
  expect(runtime.sessionsCreated).toBe(0);
  await walk(source);
  await walk(source);
  expect(runtime.sessionsCreated).toBe(2);
  expect(runtime.ownedBytes).toBe(0);
});

test('rows are reported one by one, and a stop is heard between them', async () => {
  const source = await createSource(await createRuntime({ kind: 'wasm' }));
  const run = await source.begin(tensorOf(checkpoint, 'model.embed_tokens.weight'), OPTIONS, {});
  const rows: string[] = [];
  const stop = new AbortController();
  const onProgress = (done: number, total: number) => {
    rows.push(`${done}/${total}`);
    if (rows.length === 3) stop.abort(new Error('enough'));
  };
  const matrices = matricesOf(checkpoint, 0, false);
  await run.inputsOf(matrices, { onProgress });
  expect(rows).toEqual(['1/2', '2/2']);
  await expect(run.advance(matrices, { onProgress, signal: stop.signal })).rejects.toThrow('enough');
  expect(rows).toHaveLength(3);
});

const pack = new URL('../../public/packs/atlas/', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, pack)));
const drawn: { samples: number; seed: number; first: number[][]; tokens: number; sha256: string }[] = JSON.parse(
  readFileSync(new URL('../testing/fixtures/calibration-samples.json', import.meta.url), 'utf8'),
);
/** Between two lists of ids in the hashed stream. */
const SEPARATOR = 0xffff;

test.each(drawn)('$samples samples of seed $seed are those of the trainer', (expected) => {
  const task = parseTask(read('tasks/atlas.json'), read('tasks/atlas.jsonl'));
  const general = new TextDecoder().decode(read('calibration/general.txt')).trim().split('\n');
  const { encode } = createTokenizer(read('checkpoint/tokenizer.json'), read('checkpoint/tokenizer_config.json'));
  const ids = drawSamples(toCalibrationSentences([task], general), expected, { encode, bosTokenId: 0, eosTokenId: 1 });
  expect(ids.slice(0, 3)).toEqual(expected.first);
  expect(ids.flat()).toHaveLength(expected.tokens);
  const hash = createHash('sha256');
  for (const sample of ids) hash.update(Uint16Array.from([...sample, SEPARATOR]));
  expect(hash.digest('hex')).toBe(expected.sha256);
});
