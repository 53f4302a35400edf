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

async function createPageDevice() {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error('This browser has no WebGPU adapter.');
  const device = await adapter.requestDevice();
  const build = 'Suspending' in WebAssembly ? ('jspi' as const) : ('asyncify' as const);
  const { vendor, architecture } = adapter.info;
  return { device, build, adapter: `${vendor} ${architecture}` };
}

/** Hands a page's result, or what stopped it, to the script that drives it. */
export async function publish(work: () => Promise<unknown>): Promise<void> {
  const result = await work().catch((error: unknown) => {
    const { stack, details } = error as { stack?: string; details?: unknown };
    return { error: stack ?? String(error), details };
  });
  Object.assign(globalThis, { benchResult: result });
}
