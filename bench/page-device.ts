import { adapterName, createGpuDevice, decideDevice } from '../src/engine/device.ts';
import { createRuntime } from '../src/engine/session.ts';

/** The runtime that the page's address asks for: `?on=wasm`, `?on=asyncify` or, as a rule, WebGPU in the build that runs here. */
export async function createPageRuntime() {
  const on = new URLSearchParams(location.search).get('on');
  if (on === 'wasm') return { runtime: await createRuntime({ kind: 'wasm' }), device: 'wasm in Chromium' };
  const { device, build, adapter } = await createPageDevice();
  const chosen = on === 'asyncify' ? on : build;
  const runtime = await createRuntime({ kind: 'webgpu', device, build: chosen });
  return { runtime, device: `WebGPU (${chosen}), ${adapter}` };
}

/** The device that the page itself would open, features and limits included: a bench on another one would miss its faults. */
async function createPageDevice() {
  const { adapter, seen } = await decideDevice('webgpu');
  if (adapter === null || seen === null) throw new Error('This browser has no WebGPU adapter.');
  const device = await createGpuDevice(adapter);
  const build = 'Suspending' in WebAssembly ? ('jspi' as const) : ('asyncify' as const);
  return { device, build, adapter: adapterName(seen) };
}

/** Hands a page's result, or what stopped it, to the script that drives it. */
export async function publish(work: () => Promise<unknown>): Promise<void> {
  const result = await work().catch((error: unknown) => {
    const { stack, details } = error as { stack?: string; details?: unknown };
    return { error: stack ?? String(error), details };
  });
  Object.assign(globalThis, { benchResult: result });
}
