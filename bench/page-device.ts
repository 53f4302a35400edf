/** A device of our own, and the build of ONNX Runtime that runs on it. */
export async function createPageDevice() {
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
