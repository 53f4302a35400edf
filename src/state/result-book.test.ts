import { expect, test } from 'vitest';
import type { DeviceReport } from '../engine/protocol.ts';
import { makeManifest } from '../testing/make-pack.ts';
import { createMemoryResults } from './memory-storage.ts';
import type { ResultStorage } from './platform.ts';
import { createResultLibrary, type Outcome, toDeviceLabel, toResultSource } from './result-book.ts';

const manifest = makeManifest();
const wasm: DeviceReport = {
  kind: 'wasm',
  reason: '',
  adapter: null,
  features: [],
  limits: {},
  runtime: { version: '1.30.0', build: 'wasm' },
  crossOriginIsolated: false,
  timerResolutionMs: 0.1,
  userAgent: '',
};
const software = { vendor: 'google', architecture: 'swiftshader', device: '', description: '', isSoftware: true };
const webgpu: DeviceReport = {
  ...wasm,
  kind: 'webgpu',
  runtime: { version: '1.30.0', build: 'jspi' },
  adapter: software,
};
const right: Outcome = { isRight: true, logLikelihood: -0.1, chosenPrompt: 2 };
const SIZE = {
  storedBytes: 1,
  runtimeBytes: 2,
  sparsity: 0,
  bitsPerWeight: 16,
  extraParameters: 0,
  repairParameters: 0,
};
const REGIME = 'idp | magnitude 0.6 per-output | magnitude-mild/pool-routed-a';
const ITEM = 'capital/côte d’ivoire?1';

function makeLibrary(storage: ResultStorage = createMemoryResults()) {
  const refusals: unknown[] = [];
  return { storage, refusals, library: createResultLibrary(storage, manifest, (error) => refusals.push(error)) };
}

test('what was finished comes back at the next visit', async () => {
  const { library, storage } = makeLibrary();
  const book = library.bookOf(wasm);
  library.addOutcomes(book, REGIME, new Map([[ITEM, right]]), '2026-01-02');
  const runs = { ttftMs: [1, 2], perTokenMs: [3, 3], routingMs: [0, 0], timerResolutionMs: 0.1 };
  library.setTimings(book, REGIME, runs, '2026-01-03');
  library.setSize(book, REGIME, SIZE);
  await library.whenStored();
  const next = makeLibrary(storage).library;
  expect(await next.read()).toEqual({ damaged: 0 });
  const found = next.bookOf(wasm);
  expect(found.outcomes.get(REGIME)?.get(ITEM)).toEqual(right);
  expect(found.timings.get(REGIME)).toEqual(runs);
  expect(found.sizes.get(REGIME)).toEqual(SIZE);
  expect(next.latest()).toBe(found);
  expect(toResultSource(found)).toMatchObject({ kind: 'live', deviceKind: 'wasm', date: '2026-01-03' });
});

test('the number of items that comparisons wait for comes back, and never falls', async () => {
  const { library, storage } = makeLibrary();
  const book = library.bookOf(wasm);
  library.setPreset(book, 'magnitude / 60 %', 200);
  library.setPreset(book, 'magnitude / 60 %', 40);
  await library.whenStored();
  const next = makeLibrary(storage).library;
  expect(await next.read()).toEqual({ damaged: 0 });
  expect(next.latest()).toBeNull();
  expect(next.bookOf(wasm).presets).toEqual(new Map([['magnitude / 60 %', 200]]));
  next.setPreset(next.bookOf(wasm), 'magnitude / 60 %', 1000);
  expect(next.bookOf(wasm).presets.get('magnitude / 60 %')).toBe(1000);
});

test('a second tab that asks for fewer items does not lower what the first one set', async () => {
  const { library: first, storage } = makeLibrary();
  const { library: second } = makeLibrary(storage);
  first.setPreset(first.bookOf(wasm), 'magnitude / 60 %', 500);
  await first.whenStored();
  second.setPreset(second.bookOf(wasm), 'magnitude / 60 %', 40);
  await second.whenStored();
  const next = makeLibrary(storage).library;
  expect(await next.read()).toEqual({ damaged: 0 });
  expect(next.bookOf(wasm).presets).toEqual(new Map([['magnitude / 60 %', 500]]));
});

test('fidelity comes back where it was scored, and results of visits without it stay readable', async () => {
  const { library, storage } = makeLibrary();
  const scored: Outcome = { ...right, fidelity: { tokens: 3, nll: 0.1, klDivergence: 0.02, sameTop: 3 } };
  const outcomes = new Map([
    ['new', scored],
    ['old', right],
  ]);
  library.addOutcomes(library.bookOf(wasm), 'dense', outcomes, '2026-01-02');
  await library.whenStored();
  const next = makeLibrary(storage).library;
  expect(await next.read()).toEqual({ damaged: 0 });
  expect(next.bookOf(wasm).outcomes.get('dense')).toEqual(outcomes);
});

test('what this visit scored is not replaced by what an earlier one stored of the same item', async () => {
  const { library, storage } = makeLibrary();
  library.addOutcomes(library.bookOf(wasm), 'dense', new Map([[ITEM, right]]), '2026-01-02');
  await library.whenStored();
  const next = makeLibrary(createMemoryResults(await storage.readAll(''))).library;
  const scored: Outcome = { ...right, fidelity: { tokens: 3, nll: 0.1, klDivergence: 0.02, sameTop: 3 } };
  next.addOutcomes(next.bookOf(wasm), 'dense', new Map([[ITEM, scored]]), '2026-01-03');
  await next.read();
  expect(next.bookOf(wasm).outcomes.get('dense')?.get(ITEM)).toEqual(scored);
});

test('devices are kept apart, and the latest is the one written to last', async () => {
  const { library } = makeLibrary();
  expect(library.latest()).toBeNull();
  const gpu = library.bookOf(webgpu);
  library.addOutcomes(gpu, 'dense', new Map([[ITEM, right]]), '2026-01-02');
  library.addOutcomes(library.bookOf(wasm), 'dense', new Map(), '2026-01-01');
  expect(library.bookOf(wasm).outcomes.get('dense')?.size).toBe(0);
  expect(library.latest()).toBe(gpu);
});

test('a pack whose weights changed finds none of the old results', async () => {
  const { library, storage } = makeLibrary();
  library.addOutcomes(library.bookOf(wasm), 'dense', new Map([[ITEM, right]]), '2026-01-02');
  await library.whenStored();
  const files = manifest.files.map((file) => ({ ...file, sha256: 'ff'.repeat(32) }));
  const changed = createResultLibrary(storage, { ...manifest, files }, () => {});
  await changed.read();
  expect(changed.latest()).toBeNull();
});

test('damaged entries are left out and counted; the others stay', async () => {
  const { library, storage } = makeLibrary();
  library.addOutcomes(
    library.bookOf(wasm),
    'dense',
    new Map([
      ['a', right],
      ['b', right],
      ['c', right],
    ]),
    '2026-01-02',
  );
  await library.whenStored();
  const entries = new Map(await storage.readAll('recall-lab/'));
  for (const key of entries.keys()) {
    if (key.endsWith('/a')) entries.set(key, { isRight: 'yes', logLikelihood: 0, chosenPrompt: null });
    if (key.endsWith('/b')) entries.set(key, '<html>');
  }
  const next = makeLibrary(createMemoryResults(entries)).library;
  expect(await next.read()).toEqual({ damaged: 2 });
  expect([...(next.bookOf(wasm).outcomes.get('dense')?.keys() ?? [])]).toEqual(['c']);
});

test('storage that is denied keeps results in memory and tells once', async () => {
  const denied: ResultStorage = {
    readAll: () => Promise.reject(new DOMException('denied', 'SecurityError')),
    write: () => Promise.reject(new DOMException('denied', 'SecurityError')),
    removeAll: () => Promise.reject(new DOMException('denied', 'SecurityError')),
  };
  const { library, refusals } = makeLibrary(denied);
  await library.read();
  const book = library.bookOf(wasm);
  library.addOutcomes(book, 'dense', new Map([[ITEM, right]]), '2026-01-02');
  library.setSize(book, 'dense', SIZE);
  await library.whenStored();
  expect(book.outcomes.get('dense')?.size).toBe(1);
  expect(refusals).toHaveLength(1);
});

test('what this visit timed is not replaced by what an earlier one stored', async () => {
  const { library, storage } = makeLibrary();
  const runs = (times: number[]) => ({ ttftMs: times, perTokenMs: times, routingMs: times, timerResolutionMs: 0.1 });
  library.setTimings(library.bookOf(wasm), 'dense', runs([1]), '2026-01-02');
  await library.whenStored();
  const next = makeLibrary(createMemoryResults(await storage.readAll(''))).library;
  next.setTimings(next.bookOf(wasm), 'dense', runs([2]), '2026-01-03');
  await next.read();
  expect(next.bookOf(wasm).timings.get('dense')?.ttftMs).toEqual([2]);
});

test('a key that we did not write is counted as damaged', async () => {
  const { library, storage } = makeLibrary();
  library.setSize(library.bookOf(wasm), 'dense', SIZE);
  library.addOutcomes(library.bookOf(wasm), 'dense', new Map([['a', right]]), '2026-01-02');
  await library.whenStored();
  const entries = new Map(await storage.readAll(''));
  const [key = ''] = [...entries.keys()].filter((each) => each.endsWith('/a'));
  entries.set(key.replace('/a', '/%'), right);
  const next = makeLibrary(createMemoryResults(entries)).library;
  expect(await next.read()).toEqual({ damaged: 1 });
});

test('every key carries our name, since other pages may share the origin', async () => {
  const { library, storage } = makeLibrary();
  library.addOutcomes(library.bookOf(wasm), 'dense', new Map([[ITEM, right]]), '2026-01-02');
  await library.whenStored();
  const all = [...(await storage.readAll('')).keys()];
  expect(all).toHaveLength(2);
  expect(all.filter((key) => !key.startsWith('recall-lab/results/'))).toEqual([]);
});

test('a device is told by adapter and runtime, a software adapter as one', () => {
  expect(toDeviceLabel(webgpu)).toBe('WebGPU on google swiftshader, onnxruntime-web 1.30.0 (jspi)');
  expect(toDeviceLabel(wasm)).toBe('CPU (wasm), onnxruntime-web 1.30.0');
  const { library } = makeLibrary();
  expect(toResultSource(library.bookOf(webgpu))).toMatchObject({ isSoftware: true, deviceKind: 'webgpu' });
  expect(toResultSource(library.bookOf(wasm)).isSoftware).toBe(false);
});
