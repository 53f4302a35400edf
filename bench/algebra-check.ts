import { parseCheckpoint } from '../src/core/checkpoint/parse.ts';
import type { VariantMatrix } from '../src/core/compress/variant.ts';
import type { Algebra, UpdateShape } from '../src/core/linear-algebra/algebra.ts';
import { plainAlgebra } from '../src/core/linear-algebra/plain-algebra.ts';
import { normal, seededRandom } from '../src/core/random.ts';
import { FastestAlgebra, type UpdateChoice } from '../src/engine/fastest-algebra.ts';
import { GpuAlgebra } from '../src/engine/gpu-algebra.ts';
import type { Runtime } from '../src/engine/session.ts';
import { type CompressionGolden, toCompressionGolden } from '../src/testing/compression-golden.ts';
import { compressLayer } from '../src/testing/make-calibration.ts';
import { maxDifference } from '../src/testing/max-difference.ts';
import { choicesOf } from '../src/testing/share-alike.ts';
import { createPageRuntime, publish } from './page-device.ts';
import { readTiny } from './read-tiny.ts';

/** What the shader made, against plain TypeScript. */
export interface AlgebraCheck {
  device: string;
  /** Every matrix of every golden layer by every step that walks columns. */
  matrices: { model: string; step: string; module: string; chosen: 'masks' | 'codes'; share: number }[];
  /** Updates of random numbers of size 1 in shapes that fill no tile, and in ones that do. */
  updates: { shape: UpdateShape; maxDifference: number }[];
  choice: UpdateChoice | null;
  /** Bytes on the device while a walk is open, and after all of it. */
  openBytes: number;
  leftBytes: number;
  /** What a walk on a device that is gone fails with: opened before and after. */
  lossCodes: string[];
}

const SHAPES: readonly UpdateShape[] = [
  { rows: 3, columns: 7, blockSize: 2 },
  { rows: 65, columns: 200, blockSize: 48 },
  { rows: 64, columns: 384, blockSize: 128 },
];
const URLS = import.meta.glob<string>('../src/testing/fixtures/compression/*', {
  query: '?url',
  import: 'default',
  eager: true,
});

async function check(): Promise<AlgebraCheck> {
  const { runtime, device } = await createPageRuntime();
  if (runtime.device === null) throw new Error('There is no WebGPU device for the shader.');
  const gpu = new GpuAlgebra(runtime, runtime.device, plainAlgebra);
  const matrices: AlgebraCheck['matrices'] = [];
  for (const model of ['tiny', 'atlas'] as const) {
    for (const row of await compareLayer(await readGolden(model), gpu)) matrices.push({ model, ...row });
  }
  const updates: AlgebraCheck['updates'] = [];
  for (const shape of SHAPES) updates.push({ shape, maxDifference: await compareUpdates(gpu, shape) });
  const choice = await choose(runtime);
  const before = runtime.ownedBytes;
  const open = await gpu.openUpdates(new Float64Array(64), { rows: 4, columns: 8, blockSize: 4 });
  const openBytes = runtime.ownedBytes - before;
  const lossCodes = await loseDevice(runtime.device, [
    () => open.next(new Float64Array(16), 4),
    () => gpu.openUpdates(new Float64Array(64), { rows: 4, columns: 8, blockSize: 4 }),
  ]);
  open.dispose();
  return { device, matrices, updates, choice, openBytes, leftBytes: runtime.ownedBytes, lossCodes };
}

async function readGolden(model: 'tiny' | 'atlas'): Promise<CompressionGolden> {
  const read = async (url: string) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const fixture = (name: string) => read(URLS[`../src/testing/fixtures/compression/${name}`] ?? '');
  const pack = '../packs/atlas/checkpoint';
  const checkpoint =
    model === 'tiny'
      ? (await readTiny()).checkpoint
      : parseCheckpoint(await read(`${pack}/config.json`), [await read(`${pack}/model.safetensors`)]);
  const files = { tensors: await fixture(`${model}.safetensors`), json: await fixture('golden.json') };
  return toCompressionGolden(model, checkpoint, files);
}

/** A layer by every step that walks columns, on the GPU and by plain loops, given the same golden Gram matrices and weights. */
async function compareLayer({ inputs, cases }: CompressionGolden, gpu: Algebra) {
  const rows: Omit<AlgebraCheck['matrices'][number], 'model'>[] = [];
  for (const [step, { matrices, steps }] of cases) {
    if (!steps.some((each) => 'blockSize' in each)) continue;
    const plain = await compressLayer(matrices, inputs, steps);
    const onGpu = await compressLayer(matrices, inputs, steps, 'F32', gpu);
    for (const [module, matrix] of plain) rows.push({ step, module, ...compareChoices(matrix, onGpu.get(module)) });
  }
  return rows;
}

function compareChoices(plain: VariantMatrix, other: VariantMatrix | undefined) {
  const [own, theirs] = [choicesOf(plain), choicesOf(other)];
  const same = own.filter((choice, i) => choice === theirs[i]).length;
  const chosen = plain.kind === 'quantized' ? ('codes' as const) : ('masks' as const);
  return { chosen, share: same / own.length };
}

async function compareUpdates(gpu: Algebra, shape: UpdateShape): Promise<number> {
  const { rows, columns, blockSize } = shape;
  const random = seededRandom(columns);
  const draw = (count: number) => Float64Array.from({ length: count }, () => normal(random));
  const root = draw(columns * columns);
  const [own, plain] = [await gpu.openUpdates(root, shape), await plainAlgebra.openUpdates(root, shape)];
  let largest = 0;
  for (let end = blockSize; end < columns; end += blockSize) {
    const errors = draw(rows * blockSize);
    const width = Math.min(blockSize, columns - end);
    largest = Math.max(largest, maxDifference(await own.next(errors, width), await plain.next(errors, width)));
  }
  own.dispose();
  return largest;
}

/** What the page chooses for a shape of a small layer. */
async function choose(runtime: Runtime): Promise<UpdateChoice | null> {
  const fastest = new FastestAlgebra(runtime);
  const updates = await fastest.openUpdates(new Float64Array(256 * 256), { rows: 64, columns: 256, blockSize: 128 });
  updates.dispose();
  await fastest.dispose();
  return fastest.choice;
}

async function loseDevice(device: GPUDevice, calls: readonly (() => Promise<unknown>)[]): Promise<string[]> {
  device.destroy();
  const codes: string[] = [];
  for (const call of calls) {
    codes.push(
      await call().then(
        () => 'answered',
        (error: unknown) => (error as { code?: string }).code ?? String(error),
      ),
    );
  }
  return codes;
}

void publish(check);
