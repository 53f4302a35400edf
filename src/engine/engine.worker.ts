import type { Recipe } from '../core/compress/recipe.ts';
import { AppError, toWireError } from '../core/errors.ts';
import { type ExportSource, toExportFiles, toExportSizes } from '../core/export/folder.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { Repair } from '../core/recover/repair.ts';
import { createFileCache } from './cache.ts';
import { createGpuDevice, decideDevice, toDeviceReport } from './device.ts';
import { zipFolder } from './export-zip.ts';
import { createPackFiles, type PackFiles, repairIdOf } from './pack-files.ts';
import { type CallName, type EngineCalls, type FromWorker, PROTOCOL_VERSION, type ToWorker } from './protocol.ts';
import { createRunner } from './runner.ts';
import type { RunnerLimits } from './runner-limits.ts';
import type { LoadOptions, Runner } from './runner-type.ts';
import { readRuntimeBinary } from './runtime-binary.ts';
import { createRuntime, type Runtime, runtimeVersion } from './session.ts';
import { ShapeModel } from './shape-model.ts';

/** The worker's end of the protocol: one request at a time, each answered by a result or one error. */

/** The worker's scope as far as it is used here; the DOM library describes only the page's. */
declare const self: {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
};

interface CallContext<K extends CallName> {
  input: EngineCalls[K]['input'];
  signal: AbortSignal;
  emit: (event: EngineCalls[K]['event']) => void;
}

type Handlers = { [K in CallName]: (context: CallContext<K>) => Promise<EngineCalls[K]['output']> };

interface Engine {
  runtime: Runtime;
  runner: Runner;
  /** Random weights that are timed; null where none are loaded. */
  shape: ShapeModel | null;
}

interface OpenPack {
  manifest: PackManifest;
  files: PackFiles;
  vocabSize: number;
  config: Parameters<PackFiles['readRepair']>[1];
  repairs: Map<string, Repair>;
}

/** Often enough for any deadline of the client, too seldom to cost a run anything. */
const ALIVE_EVERY_MS = 1000;

let engine: Engine | null = null;
let pack: OpenPack | null = null;

function post(message: FromWorker): void {
  self.postMessage(message);
}

function requireEngine(): Engine {
  if (!engine) throw new AppError('internal', 'The engine was asked to work before it was started.');
  return engine;
}

function requireShape(): ShapeModel {
  const { shape } = requireEngine();
  if (!shape) throw new AppError('internal', 'The engine was asked to time a shape before one was loaded.');
  return shape;
}

function requirePack(): OpenPack {
  if (!pack) throw new AppError('internal', 'The engine was asked to work before a pack was loaded.');
  return pack;
}

/**
 * One context of 7 tokens takes an emulated GPU a second on a quantized variant, a thorough check most of a minute; the other short contexts
 * would run the same kernels.
 */
const EMULATED: Partial<RunnerLimits> = { gates: { otherDecoders: 'shortest', otherRegimes: 'shortest' } };

const handlers: Handlers = {
  async start({ input, signal, emit }) {
    const decision = await decideDevice(input.choice);
    const device = decision.adapter && (await createGpuDevice(decision.adapter));
    void device?.lost.then(({ reason, message }) => {
      const text =
        'The GPU was lost (another program, sleep or the driver took it). The engine is being started afresh.';
      post({ type: 'lost', error: { code: 'device-lost', message: text, details: { reason, raw: message } } });
    });
    const gpuBuild = 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
    const binary = await readRuntimeBinary(device ? gpuBuild : 'wasm', { signal, onProgress: emit });
    const runtime = await createRuntime(
      device ? { kind: 'webgpu', device, build: gpuBuild, binary } : { kind: 'wasm', binary },
    );
    runtime.onStep = tellAlive;
    const isEmulated = device !== null && decision.seen?.isSoftware === true;
    engine = { runtime, runner: createRunner(runtime, isEmulated ? EMULATED : {}), shape: null };
    return toDeviceReport(decision, device, { version: runtimeVersion(runtime), build: runtime.build });
  },

  async loadPack({ input, signal, emit }) {
    const { runner } = requireEngine();
    const files = createPackFiles(input.baseUrl, input.manifest, await createFileCache());
    const { checkpoint, tokenizer, sizeBytes } = await files.readCheckpoint({ signal, onProgress: emit });
    emit({ phase: 'compiling', loadedBytes: 0, totalBytes: 0, label: 'model' });
    await runner.loadCheckpoint(checkpoint, tokenizer, files);
    pack = {
      manifest: input.manifest,
      files,
      config: checkpoint.config,
      vocabSize: checkpoint.config.vocabSize,
      repairs: new Map(),
    };
    emit({ phase: 'ready', loadedBytes: 0, totalBytes: 0, label: input.manifest.name });
    return { sizeBytes, cacheNotice: files.cacheNotice };
  },

  async loadRecipe({ input, signal, emit }) {
    requirePack();
    return requireEngine().runner.loadRecipe(input.recipe, { signal, onProgress: emit });
  },

  async prepareRegime({ input, signal, emit }) {
    const open = requirePack();
    const repairId = repairIdOf(input.regime);
    let repair: Repair | null = null;
    if (repairId !== null) {
      repair =
        open.repairs.get(repairId) ??
        (await open.files.readRepair(repairId, open.config, { signal, onProgress: emit }));
      open.repairs.set(repairId, repair);
    }
    const golden = await open.files.readGolden(input.regime, open.vocabSize, { signal });
    return requireEngine().runner.prepareRegime(input.regime, repair, golden, { signal, onProgress: emit });
  },

  generate: ({ input, signal, emit }) => requireEngine().runner.generate(input, { signal, onToken: emit }),
  score: ({ input: { regime, items, withFidelity }, signal }) =>
    requireEngine().runner.score(regime, items, { signal, withFidelity }),
  checkPrompts: ({ input: { prompts } }) => requireEngine().runner.checkPrompts(prompts),
  scoreDocuments: ({ input: { regime, prompts }, signal }) =>
    requireEngine().runner.scoreDocuments(regime, prompts, { signal }),
  writeAnswers: ({ input: { regime, prompts, maxNewTokens }, signal, emit }) =>
    requireEngine().runner.writeAnswers(regime, prompts, { maxNewTokens, signal, onProgress: emit }),
  inspect: ({ input, signal }) => requireEngine().runner.inspect(input, { signal }),
  measureDistances: ({ input, signal }) => requireEngine().runner.measureDistances(input, { signal }),
  patch: ({ input, signal, emit }) => requireEngine().runner.patch(input, { signal, onProgress: emit }),
  askPool: ({ input: { regime, items, maxNewTokens }, signal, emit }) =>
    requireEngine().runner.askPool(regime, items, { maxNewTokens, signal, onProgress: emit }),
  inspectMatrix: ({ input: { regime, module }, signal }) =>
    requireEngine().runner.inspectMatrix(regime, module, { signal }),

  async measureExports({ input, signal, emit }) {
    return { sizes: toExportSizes(await readExportSource(input.recipe, { signal, onProgress: emit })) };
  },

  async exportModel({ input, signal, emit }) {
    const source = await readExportSource(input.recipe, { signal, onProgress: emit });
    return { zip: await zipFolder(input.name, toExportFiles(source, input.format), { signal, onProgress: emit }) };
  },

  time: ({ input, signal }) => requireEngine().runner.time(input.regime, input.context, input.newTokens, { signal }),

  async loadShape({ input, signal, emit }) {
    const open = requireEngine();
    await releaseShape(open);
    const shape = new ShapeModel(open.runtime, input.config);
    // Held from here on, so that what a failed load leaves is released too.
    open.shape = shape;
    try {
      await shape.load({ signal, onProgress: emit });
    } catch (error) {
      // What went wrong first says more than what could not be released because of it.
      await releaseShape(open).catch(() => undefined);
      throw error;
    }
    return { sizeBytes: shape.sizeBytes };
  },

  timeShape: ({ input, signal }) => requireShape().time(input.key, signal),
  profileShape: ({ input, signal }) => requireShape().profile(input.key, input.runs, signal),

  async releaseShape() {
    const open = requireEngine();
    await releaseShape(open);
    return { ownedBytes: open.runtime.ownedBytes };
  },
};

async function releaseShape(open: Engine): Promise<void> {
  const { shape } = open;
  open.shape = null;
  await shape?.dispose();
}

async function readExportSource(recipe: Recipe, options: LoadOptions): Promise<ExportSource> {
  const { files, manifest } = requirePack();
  const variant = await requireEngine().runner.compress(recipe, options);
  return { variant, recipe, dtype: manifest.checkpoint.dtype, files: await files.readSmallFiles(options) };
}

/** The request that is being answered; null between two. */
let runningId: number | null = null;
let toldAliveMs = 0;

/** Tells the main thread that the call goes on, so that its deadline need only be as long as the longest step. */
function tellAlive(): void {
  const now = performance.now();
  if (runningId === null || now - toldAliveMs < ALIVE_EVERY_MS) return;
  toldAliveMs = now;
  post({ type: 'alive', id: runningId });
}

const stops = new Map<number, AbortController>();

async function answer<K extends CallName>(id: number, call: K, input: EngineCalls[K]['input']): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  runningId = id;
  try {
    const emit = (event: EngineCalls[K]['event']) => post({ type: 'event', id, event });
    const output = await handlers[call]({ input, signal: stop.signal, emit });
    post({ type: 'result', id, output });
  } catch (error) {
    post({ type: 'error', id, error: toWireError(error) });
  } finally {
    stops.delete(id);
    runningId = null;
  }
}

// The client sends one request at a time; the chain holds even if another one does not.
let line: Promise<void> = Promise.resolve();

self.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
  switch (message.type) {
    case 'hello':
      post({ type: 'ready', version: PROTOCOL_VERSION });
      break;
    case 'cancel':
      stops.get(message.id)?.abort();
      break;
    case 'request':
      line = line.then(() => answer(message.id, message.call, message.input));
      break;
    default:
      message satisfies never;
  }
};
