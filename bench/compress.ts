import { readFile } from 'node:fs/promises';
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
import { OrtAlgebra } from '../src/engine/ort-algebra.ts';
import { createRuntime, type Runtime } from '../src/engine/session.ts';
import { createTokenizer } from '../src/engine/tokenizer.ts';
import { tinyCheckpoint } from '../src/testing/make-checkpoint.ts';
import { shareAlike } from '../src/testing/share-alike.ts';
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

interface Way {
  source: CalibrationSource;
  algebra: Algebra;
}

/** Milliseconds of processor time that one variant took, by what they went into. */
interface Spent {
  gramMs: number;
  rootMs: number;
  /** The walk through the columns, and all else. */
  walkMs: number;
  totalMs: number;
}

export interface CompressRow extends Spent {
  recipe: string;
  way: 'plain' | 'ORT' | 'plain / ORT';
}

export interface CompressResult {
  layer: CompressRow[];
  atlas: CompressRow[];
  /** Share of masks or codes that both ways choose alike. */
  alike: { model: string; recipe: string; share: number }[];
}

/** Times the calibrated methods on wasm in Node, by plain TypeScript and by ONNX Runtime in turn; the first round of the layer is not counted. */
export async function runInNode(): Promise<CompressResult> {
  const runtime = await createRuntime({ kind: 'wasm' });
  const alike: CompressResult['alike'] = [];
  const random = seededRandom(SEED);
  const rows = Array.from({ length: TOKENS / 128 }, () => Array.from({ length: 128 }, () => random.integer(1024)));
  const layer = await compare(runtime, makeLayer(), () => rows, {
    model: 'layer',
    uncounted: 1,
    rounds: 2,
    alike,
  });
  const { checkpoint, draw } = await readAtlas();
  const atlas = await compare(runtime, checkpoint, draw, { model: 'Atlas', uncounted: 0, rounds: 1, alike });
  return { layer, atlas, alike };
}

/** Random weights of a trained model's size: larger ones would make attention choose one token, by the last bit of a sum. */
function makeLayer(): Checkpoint {
  const { config, tensors } = tinyCheckpoint(LAYER, SEED);
  const scaled = [...tensors].map(([name, { shape, data }]) => {
    const factor = shape.length === 1 ? 1 : 0.1;
    return [name, { shape, data: data.map((value) => factor * value) }] as const;
  });
  return { config, tensors: new Map(scaled) };
}

async function readAtlas(): Promise<{ checkpoint: Checkpoint; draw: DrawIds }> {
  const read = async (path: string) =>
    new Uint8Array(await readFile(new URL(`../public/packs/atlas/${path}`, import.meta.url)));
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
  return { checkpoint, draw: (options) => drawSamples(sentences, options, tokens) };
}

async function compare(
  runtime: Runtime,
  checkpoint: Checkpoint,
  draw: DrawIds,
  {
    model,
    uncounted,
    rounds,
    alike,
  }: { model: string; uncounted: number; rounds: number; alike: CompressResult['alike'] },
): Promise<CompressRow[]> {
  const calibration = new OrtCalibration(runtime, checkpoint, async (options) => draw(options));
  const ortAlgebra = new OrtAlgebra(runtime);
  const plain = { source: createPlainCalibration(checkpoint, draw), algebra: plainAlgebra };
  const ort = { source: calibration, algebra: ortAlgebra };
  const rows: CompressRow[] = [];
  for (const { name, recipe } of RECIPES) {
    const plainSpent: Spent[] = [];
    const ortSpent: Spent[] = [];
    for (let round = -uncounted; round < rounds; round++) {
      const byPlain = await compressTimed(checkpoint, recipe, plain);
      const byOrt = await compressTimed(checkpoint, recipe, ort);
      if (round === 0) alike.push({ model, recipe: name, share: shareAlike(byPlain.variant, byOrt.variant) });
      if (round < 0) continue;
      plainSpent.push(byPlain.spent);
      ortSpent.push(byOrt.spent);
    }
    const [slow, fast] = [toMedians(plainSpent), toMedians(ortSpent)];
    rows.push({ recipe: name, way: 'plain', ...slow }, { recipe: name, way: 'ORT', ...fast });
    rows.push({ recipe: name, way: 'plain / ORT', ...mapSpent((part) => slow[part] / fast[part]) });
  }
  await calibration.dispose();
  await ortAlgebra.dispose();
  return rows;
}

/** Time of the processor, not of the wall: other work on the machine counts little. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** One variant, with the time that Gram matrices and roots took told apart. */
async function compressTimed(
  checkpoint: Checkpoint,
  recipe: Recipe,
  { source, algebra }: Way,
): Promise<{ variant: Variant; spent: Spent }> {
  const spent: Spent = { gramMs: 0, rootMs: 0, walkMs: 0, totalMs: 0 };
  const time = async <T>(part: 'gramMs' | 'rootMs' | 'totalMs', work: () => Promise<T>): Promise<T> => {
    const startedAt = processorMs();
    const result = await work();
    spent[part] += processorMs() - startedAt;
    return result;
  };
  const timedSource: CalibrationSource = {
    begin: async (options, run) => {
      const walk = await time('gramMs', () => source.begin(options, run));
      return {
        inputsOf: (matrices, options) => time('gramMs', () => walk.inputsOf(matrices, options)),
        advance: (matrices, options) => time('gramMs', () => walk.advance(matrices, options)),
        dispose: () => walk.dispose(),
      };
    },
  };
  const timedAlgebra: Algebra = {
    inverseRoot: (h, n) => time('rootMs', () => algebra.inverseRoot(h, n)),
    subtractProduct: (...args) => algebra.subtractProduct(...args),
  };
  const calibrator = { source: timedSource, algebra: timedAlgebra, dtype: 'F16' } as const;
  const variant = await time('totalMs', () => applyRecipe(checkpoint, recipe, { calibrator }));
  return { variant, spent: { ...spent, walkMs: spent.totalMs - spent.gramMs - spent.rootMs } };
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
  };
}
