import { expect, test } from 'vitest';
import { toReport } from '../testing/fake-device.ts';
import { defaultLayers } from './shape-layers.ts';
import { toShapePlan, toShapeSize } from './shape-plan.ts';

const GPU = toReport('webgpu', 'auto', { hasWebgpu: true, isSoftware: false, features: [] });
const CPU = toReport('wasm', 'auto', { hasWebgpu: false, isSoftware: false, features: [] });

test('what a start takes is known without a device, on a GPU and on wasm', () => {
  expect(toShapePlan(30, null).totalBytes).toBe(toShapePlan(30, GPU).totalBytes);
  expect(toShapePlan(30, GPU)).toMatchObject({ totalBytes: expect.any(Number), problem: null });
  // A graph that carries its weights holds them alone, so four of them take more.
  expect(toShapePlan(4, CPU).totalBytes).toBeGreaterThan(2 * toShapePlan(4, GPU).totalBytes);
});

test('a GPU that cannot bind the embeddings at once is told so with both numbers, before anything is made', () => {
  const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 26 };
  expect(toShapePlan(2, { ...GPU, limits }).problem).toMatch(/113.MB.*at most 67.MB/);
  expect(toShapePlan(2, { ...GPU, limits: { ...limits, maxStorageBufferBindingSize: 2 ** 27 } }).problem).toBeNull();
});

test('all layers fit on wasm; where the GPU is emulated few are chosen', () => {
  expect(toShapePlan(30, CPU).problem).toBeNull();
  const emulated = toReport('webgpu', 'webgpu', { hasWebgpu: true, isSoftware: true, features: [] });
  expect([defaultLayers(GPU), defaultLayers(CPU), defaultLayers(emulated)]).toEqual([30, 4, 2]);
});

test('sizes of a regime grow with the layers, those of a prompt in parameters do not', () => {
  expect(toShapeSize(30, 'dense').runtimeBytes).toBeGreaterThan(toShapeSize(2, 'dense').runtimeBytes);
  expect(toShapeSize(30, 'prompt').extraParameters).toBe(toShapeSize(2, 'prompt').extraParameters);
});
