import { afterEach, describe, expect, test, vi } from 'vitest';
import { createGpuDevice, decideDevice, toDeviceReport } from './device.ts';

const HARDWARE = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '', isFallbackAdapter: false };
const SWIFTSHADER = { ...HARDWARE, vendor: 'google', architecture: 'swiftshader' };
const RUNTIME = { version: '1.30.0', build: 'jspi' } as const;

/** An adapter as far as it is read here, with two of its limits. */
function makeAdapter(info: Partial<GPUAdapterInfo>, requestDevice: GPUAdapter['requestDevice'] = vi.fn()): GPUAdapter {
  const limits = { maxBufferSize: 7, maxStorageBufferBindingSize: 5 };
  const features = new Set(['shader-f16', 'subgroups', 'timestamp-query']);
  return { info, limits, features, requestDevice } as unknown as GPUAdapter;
}

/** A browser with WebGPU whose search for an adapter ends like this. */
function stubGpu(requestAdapter: () => Promise<GPUAdapter | null>) {
  const spy = vi.fn(requestAdapter);
  vi.stubGlobal('navigator', { gpu: { requestAdapter: spy }, userAgent: 'test' });
  return spy;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('auto', () => {
  test('runs on a hardware adapter, the fast one of two', async () => {
    const adapter = makeAdapter(HARDWARE);
    const requestAdapter = stubGpu(async () => adapter);
    expect(await decideDevice('auto')).toMatchObject({
      kind: 'webgpu',
      reason: 'WebGPU runs on a GPU.',
      adapter,
      seen: { vendor: 'nvidia', isSoftware: false },
    });
    expect(requestAdapter).toHaveBeenCalledExactlyOnceWith({ powerPreference: 'high-performance' });
  });

  test.each([
    ['swiftshader', SWIFTSHADER, 'google swiftshader'],
    ['llvmpipe', { ...HARDWARE, vendor: 'mesa', description: 'llvmpipe (LLVM 19)' }, 'llvmpipe (LLVM 19)'],
    ['basic render', { ...HARDWARE, description: 'Microsoft Basic Render Driver' }, 'Microsoft Basic Render Driver'],
    ['a fallback adapter', { ...HARDWARE, isFallbackAdapter: true }, 'nvidia ampere'],
  ])('takes wasm over an adapter emulated in software: %s', async (_, info, name) => {
    stubGpu(async () => makeAdapter(info));
    expect(await decideDevice('auto')).toEqual({
      kind: 'wasm',
      reason: `WebGPU is emulated in software here (${name}); the CPU (wasm) is faster and runs the model.`,
      adapter: null,
      seen: expect.objectContaining({ isSoftware: true }),
    });
  });

  test('takes wasm where the browser has no WebGPU', async () => {
    vi.stubGlobal('navigator', { userAgent: 'test' });
    expect(await decideDevice('auto')).toEqual({
      kind: 'wasm',
      reason: 'This browser has no WebGPU, so the CPU (wasm) runs the model.',
      adapter: null,
      seen: null,
    });
  });

  test.each([
    ['none', async () => null],
    ['an error', () => Promise.reject(new DOMException('lost', 'OperationError'))],
  ])('takes wasm where the search for an adapter gives %s', async (_, requestAdapter) => {
    stubGpu(requestAdapter);
    expect(await decideDevice('auto')).toMatchObject({
      kind: 'wasm',
      reason: 'This browser has WebGPU but found no GPU to use, so the CPU (wasm) runs the model.',
      seen: null,
    });
  });
});

describe('a choice', () => {
  test('of WebGPU holds on a software adapter too', async () => {
    const adapter = makeAdapter(SWIFTSHADER);
    stubGpu(async () => adapter);
    expect(await decideDevice('webgpu')).toMatchObject({
      kind: 'webgpu',
      reason: 'You chose WebGPU.',
      adapter,
      seen: { isSoftware: true },
    });
  });

  test('of wasm holds on a GPU, which is still reported', async () => {
    stubGpu(async () => makeAdapter(HARDWARE));
    expect(await decideDevice('wasm')).toMatchObject({
      kind: 'wasm',
      reason: 'You chose the CPU (wasm).',
      adapter: null,
      seen: { vendor: 'nvidia' },
    });
  });

  test('of WebGPU is refused without an adapter, and says whether the browser knows WebGPU', async () => {
    stubGpu(async () => null);
    await expect(decideDevice('webgpu')).rejects.toMatchObject({ code: 'no-webgpu', details: { hasApi: true } });
    vi.stubGlobal('navigator', { userAgent: 'test' });
    await expect(decideDevice('webgpu')).rejects.toMatchObject({
      code: 'no-webgpu',
      message: expect.stringMatching(/^This browser has no WebGPU\./),
      details: { hasApi: false },
    });
  });
});

describe('the device', () => {
  test('is asked for with the limits of its adapter and of optional features only the one that measures', async () => {
    const device = {} as GPUDevice;
    const requestDevice = vi.fn<GPUAdapter['requestDevice']>(async () => device);
    expect(await createGpuDevice(makeAdapter(HARDWARE, requestDevice))).toBe(device);
    const descriptor = requestDevice.mock.calls[0]?.[0];
    expect(descriptor?.requiredFeatures).toEqual(['timestamp-query']);
    expect(descriptor?.requiredLimits).toMatchObject({ maxBufferSize: 7, maxStorageBufferBindingSize: 5 });
  });

  test('that the adapter refuses is a no-webgpu error with the raw text', async () => {
    const cause = new DOMException('adapter consumed', 'OperationError');
    const adapter = makeAdapter(HARDWARE, () => Promise.reject(cause));
    await expect(createGpuDevice(adapter)).rejects.toMatchObject({
      code: 'no-webgpu',
      details: { raw: String(cause) },
      cause,
    });
  });

  test('that runs is reported with its features and limits; wasm has neither, but names the adapter it was taken over', async () => {
    const adapter = makeAdapter(SWIFTSHADER);
    stubGpu(async () => adapter);
    const device = { features: new Set(['b', 'a']), limits: adapter.limits } as unknown as GPUDevice;
    expect(toDeviceReport(await decideDevice('webgpu'), device, RUNTIME)).toMatchObject({
      kind: 'webgpu',
      reason: 'You chose WebGPU.',
      features: ['a', 'b'],
      limits: { maxBufferSize: 7 },
      runtime: RUNTIME,
      userAgent: 'test',
    });
    expect(toDeviceReport(await decideDevice('auto'), null, RUNTIME)).toMatchObject({
      kind: 'wasm',
      adapter: { architecture: 'swiftshader', isSoftware: true },
      features: [],
      limits: {},
    });
  });
});
