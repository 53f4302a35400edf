import type { Checkpoint, ModelConfig } from '../src/core/checkpoint/checkpoint.ts';
import { parseCheckpoint } from '../src/core/checkpoint/parse.ts';
import { applyRecipe } from '../src/core/compress/apply-recipe.ts';
import type { CalibrationSource } from '../src/core/compress/calibration.ts';
import { drawSamples, toCalibrationSentences } from '../src/core/compress/calibration-samples.ts';
import type { Recipe } from '../src/core/compress/recipe.ts';
import type { Variant } from '../src/core/compress/variant.ts';
import { parseTask } from '../src/core/eval/tasks.ts';
import type { Algebra } from '../src/core/linear-algebra/algebra.ts';
import { plainAlgebra } from '../src/core/linear-algebra/plain-algebra.ts';
import { seededRandom } from '../src/core/random.ts';
import { createPlainCalibration, type DrawIds } from '../src/core/reference/calibration.ts';
import { OrtCalibration } from '../src/engine/calibration.ts';
import { FastestAlgebra, type UpdateChoice } from '../src/engine/fastest-algebra.ts';
import { GpuAlgebra } from '../src/engine/gpu-algebra.ts';
import { OrtAlgebra } from '../src/engine/ort-algebra.ts';
import type { Runtime } from '../src/engine/session.ts';
import { createTokenizer } from '../src/engine/tokenizer.ts';
import { tinyCheckpoint } from '../src/testing/make-checkpoint.ts';
import { shareAlike } from '../src/testing/share-alike.ts';
import { createPageRuntime, publish } from './page-device.ts';
import { quantile } from './quantile.ts';

/** One layer in the sizes of SmolLM2-135M. */
const LAYER: Partial<ModelConfig> = {
  hiddenSize: 576,
  intermediateSize: 1536,
  numLayers: 1,
  numHeads: 9,
  numKvHeads: 3,
  headDim: 64,
  vocabSize: 1024,
  maxPositions: 128,
};
const TOKENS = 1024;
const SEED = 3;

const WALK = { blockSize: 128, dampening: 0.01, calibration: { samples: 512, seed: 0 } };
const RECIPES: readonly { name: string; recipe: Recipe }[] = [
  { name: 'SparseGPT 50 %', recipe: { version: 1, steps: [{ method: 'sparsegpt', sparsity: 0.5, ...WALK }] } },
  {
    name: 'GPTQ 4 bit, groups of 64',
    recipe: {
      version: 1,
      steps: [{ method: 'gptq', bits: 4, groupSize: 64, symmetric: false, actOrder: true, ...WALK }],
    },
  },
];

declare global {
  /** Processor time of all processes of the browser. Given by `run-page.mjs`. */
  var benchProcessorMs: () => Promise<number>;
}

type WayName = 'plain' | 'wasm' | 'WGSL';

interface Way {
  source: CalibrationSource;
  algebra: Algebra;
}

type Ways = readonly (readonly [WayName, Way])[];

/** Milliseconds that one variant took by the clock, by what they went into; beside them those of processor time. */
interface Spent {
  gramMs: number;
  rootMs: number;
  /** The walk through the columns, and all else. */
  walkMs: number;
  totalMs: number;
  processorMs: number;
}

interface CompressRow extends Spent {
  recipe: string;
  way: WayName | `plain / ${WayName}`;
  rounds: number;
  /** Of a ratio by the clock: the lowest and the highest round. */
  lowest?: number;
  highest?: number;
}

/** Share of masks or codes that a way chooses as plain TypeScript does. */
interface Alike {
  model: string;
  recipe: string;
  way: WayName;
  share: number;
}

interface Model {
  name: string;
  checkpoint: Checkpoint;
  draw: DrawIds;
  /** Rounds that count. */
  rounds: number;
}

/**
 * Times the calibrated methods by plain TypeScript, by ONNX Runtime's products on wasm and by a shader, in turn in one run. The Gram
 * matrices and roots of the last two are the same: the shader computes the updates of the walk.
 */
async function run() {
  const { runtime, device } = await createPageRuntime();
  if (runtime.device === null) throw new Error('There is no WebGPU device for the shader.');
  const alike: Alike[] = [];
  const layer = makeLayer();
  const atlas = await readAtlas();
  const choices = [await chooseFor(runtime, layer), await chooseFor(runtime, atlas)];
  return {
    device,
    choices,
    layer: await compare(runtime, runtime.device, layer, alike),
    atlas: await compare(runtime, runtime.device, atlas, alike),
    alike,
  };
}

/** What the page chooses on this device for the widest matrix of a layer. */
async function chooseFor(runtime: Runtime, { name, checkpoint }: Model): Promise<UpdateChoice & { model: string }> {
  const fastest = new FastestAlgebra(runtime);
  const { hiddenSize: rows, intermediateSize: columns } = checkpoint.config;
  const updates = await fastest.openUpdates(new Float64Array(columns * columns), {
    rows,
    columns,
    blockSize: WALK.blockSize,
  });
  updates.dispose();
  await fastest.dispose();
  if (fastest.choice === null) throw new Error('There was nothing to choose.');
  return { model: name, ...fastest.choice };
}

/** Random weights of a trained model's size: larger ones would make attention choose one token, by the last bit of a sum. */
function makeLayer(): Model {
  const { config, tensors } = tinyCheckpoint(LAYER, SEED);
  const scaled = [...tensors].map(([name, { shape, data }]) => {
    const factor = shape.length === 1 ? 1 : 0.1;
    return [name, { shape, data: data.map((value) => factor * value) }] as const;
  });
  const random = seededRandom(SEED);
  const rows = Array.from({ length: TOKENS / 128 }, () => Array.from({ length: 128 }, () => random.integer(1024)));
  return { name: 'layer', checkpoint: { config, tensors: new Map(scaled) }, draw: () => rows, rounds: 5 };
}

async function readAtlas(): Promise<Model> {
  const read = async (path: string) => new Uint8Array(await (await fetch(`../packs/atlas/${path}`)).arrayBuffer());
  const checkpoint = parseCheckpoint(await read('checkpoint/config.json'), [
    await read('checkpoint/model.safetensors'),
  ]);
  const tokenizer = createTokenizer(
    await read('checkpoint/tokenizer.json'),
    await read('checkpoint/tokenizer_config.json'),
  );
  const task = parseTask(await read('tasks/atlas.json'), await read('tasks/atlas.jsonl'));
  const general = new TextDecoder()
    .decode(await read('calibration/general.txt'))
    .trim()
    .split('\n');
  const sentences = toCalibrationSentences([task], general);
  const tokens = { encode: tokenizer.encode, ...checkpoint.config };
  const draw: DrawIds = (options) => drawSamples(sentences, options, tokens);
  return { name: 'Atlas', checkpoint, draw, rounds: 3 };
}

async function compare(runtime: Runtime, device: GPUDevice, model: Model, alike: Alike[]): Promise<CompressRow[]> {
  const { checkpoint, draw } = model;
  const calibration = new OrtCalibration(runtime, checkpoint, async (options) => draw(options));
  const onCpu = new OrtAlgebra(runtime);
  const ways: Ways = [
    ['plain', { source: createPlainCalibration(checkpoint, draw), algebra: plainAlgebra }],
    ['wasm', { source: calibration, algebra: onCpu }],
    ['WGSL', { source: calibration, algebra: new GpuAlgebra(runtime, device, onCpu) }],
  ];
  const rows: CompressRow[] = [];
  for (const { name, recipe } of RECIPES) {
    // Kernels and sessions are made by then; plain TypeScript has none.
    for (const [, way] of ways.slice(1)) await compressTimed(checkpoint, recipe, way);
    const { spent, variants } = await timeInTurn(model, recipe, ways);
    rows.push(...toRows(name, spent));
    const plain = variants.get('plain');
    for (const way of ['wasm', 'WGSL'] as const) {
      const variant = variants.get(way);
      if (plain && variant) alike.push({ model: model.name, recipe: name, way, share: shareAlike(plain, variant) });
    }
  }
  await calibration.dispose();
  await onCpu.dispose();
  return rows;
}

/** A recipe by each way in turn, round by round, and the variants of the last round. */
async function timeInTurn({ name, checkpoint, rounds }: Model, recipe: Recipe, ways: Ways) {
  const spent = new Map<WayName, Spent[]>(ways.map(([way]) => [way, []]));
  const variants = new Map<WayName, Variant>();
  for (let round = 0; round < rounds; round++) {
    for (const [way, means] of ways) {
      const timed = await compressTimed(checkpoint, recipe, means);
      console.log(`${name}, ${recipe.steps[0]?.method}, ${way}: ${(timed.spent.totalMs / 1000).toFixed(1)} s`);
      variants.set(way, timed.variant);
      spent.get(way)?.push(timed.spent);
    }
  }
  return { spent, variants };
}

/** The medians of each way, and how many times as long plain TypeScript took in the same round. */
function toRows(recipe: string, spent: ReadonlyMap<WayName, readonly Spent[]>): CompressRow[] {
  const plain = spent.get('plain') ?? [];
  const rounds = plain.length;
  const ratios = [...spent]
    .filter(([way]) => way !== 'plain')
    .map(([way, each]) => toRatioRow(recipe, way, plain, each));
  return [...[...spent].map(([way, each]) => ({ recipe, way, rounds, ...toMedians(each) })), ...ratios];
}

function toRatioRow(recipe: string, way: WayName, plain: readonly Spent[], fast: readonly Spent[]): CompressRow {
  const ratios = fast.map((each, round) => mapSpent((part) => (plain[round]?.[part] ?? Number.NaN) / each[part]));
  const totals = ratios.map(({ totalMs }) => totalMs);
  const range = { lowest: Math.min(...totals), highest: Math.max(...totals) };
  return { recipe, way: `plain / ${way}`, rounds: fast.length, ...toMedians(ratios), ...range };
}

/** One variant, with the time that Gram matrices and roots took told apart. */
async function compressTimed(
  checkpoint: Checkpoint,
  recipe: Recipe,
  { source, algebra }: Way,
): Promise<{ variant: Variant; spent: Spent }> {
  const spent: Spent = { gramMs: 0, rootMs: 0, walkMs: 0, totalMs: 0, processorMs: 0 };
  const time = async <T>(part: 'gramMs' | 'rootMs' | 'totalMs', work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    spent[part] += performance.now() - startedAt;
    return result;
  };
  const timedSource: CalibrationSource = {
    begin: async (...args) => {
      const walk = await time('gramMs', () => source.begin(...args));
      return {
        inputsOf: (matrices, options) => time('gramMs', () => walk.inputsOf(matrices, options)),
        advance: (matrices, options) => time('gramMs', () => walk.advance(matrices, options)),
        dispose: () => walk.dispose(),
      };
    },
  };
  const timedAlgebra: Algebra = {
    inverseRoot: (h, n) => time('rootMs', () => algebra.inverseRoot(h, n)),
    multiply: (a, b) => algebra.multiply(a, b),
    openUpdates: (root, shape) => algebra.openUpdates(root, shape),
  };
  const calibrator = { source: timedSource, algebra: timedAlgebra, dtype: 'F16' } as const;
  const processorBeganMs = await globalThis.benchProcessorMs();
  const variant = await time('totalMs', () => applyRecipe(checkpoint, recipe, { calibrator }));
  const processorMs = (await globalThis.benchProcessorMs()) - processorBeganMs;
  return { variant, spent: { ...spent, processorMs, walkMs: spent.totalMs - spent.gramMs - spent.rootMs } };
}

function toMedians(spent: readonly Spent[]): Spent {
  return mapSpent((part) =>
    quantile(
      spent.map((each) => each[part]),
      0.5,
    ),
  );
}

function mapSpent(toNumber: (part: keyof Spent) => number): Spent {
  return {
    gramMs: toNumber('gramMs'),
    rootMs: toNumber('rootMs'),
    walkMs: toNumber('walkMs'),
    totalMs: toNumber('totalMs'),
    processorMs: toNumber('processorMs'),
  };
}

void publish(run);
