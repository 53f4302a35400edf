import { AppError } from '../core/errors.ts';
import type { DeviceChoice, DeviceReport } from './protocol.ts';

/** What was found out before anything is loaded; `adapter` is kept only where it will be used. */
export interface DeviceDecision {
  kind: 'webgpu' | 'wasm';
  reason: string;
  adapter: GPUAdapter | null;
  seen: DeviceReport['adapter'];
}

/** Names under which software adapters present themselves (SwiftShader, llvmpipe, Windows' WARP). */
const SOFTWARE_ADAPTER = /swiftshader|llvmpipe|softpipe|lavapipe|basic render|warp|software/i;

/** Limits that kernels and weight buffers need as high as the adapter allows. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Changes no kernel: only a session that is profiled measures by it. */
const WANTED_FEATURES = ['timestamp-query'] as const;

function describeAdapter(adapter: GPUAdapter): NonNullable<DeviceReport['adapter']> {
  const { vendor, architecture, device, description } = adapter.info;
  const isSoftware =
    adapter.info.isFallbackAdapter || SOFTWARE_ADAPTER.test(`${architecture} ${device} ${description}`);
  return { vendor, architecture, device, description, isSoftware };
}

/** How an adapter is called in a sentence: its description, else what vendor and architecture say. */
export function adapterName(adapter: NonNullable<DeviceReport['adapter']>): string {
  return adapter.description || [adapter.vendor, adapter.architecture].filter(Boolean).join(' ') || 'unnamed adapter';
}

async function requestAdapter(): Promise<GPUAdapter | null> {
  const gpu: GPU | undefined = navigator.gpu;
  if (!gpu) return null;
  // Laptops with two GPUs hand out the slow one unless asked.
  return gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
}

/**
 * Which device runs the model: WebGPU on a hardware adapter, wasm on a software one or without any, or what the person chose.
 * Throws `no-webgpu` where WebGPU was asked for and there is none.
 */
export async function decideDevice(choice: DeviceChoice): Promise<DeviceDecision> {
  const adapter = await requestAdapter();
  const seen = adapter && describeAdapter(adapter);
  if (choice === 'wasm') return { kind: 'wasm', reason: 'You chose the CPU (wasm).', adapter: null, seen };
  if (!adapter || !seen) {
    const hasApi = 'gpu' in navigator && navigator.gpu !== undefined;
    const cause = hasApi ? 'This browser has WebGPU but found no GPU to use' : 'This browser has no WebGPU';
    if (choice === 'webgpu') {
      throw new AppError(
        'no-webgpu',
        `${cause}. Run on the CPU (wasm), or open the page in a recent Chrome, Edge, Safari or Firefox.`,
        {
          hasApi,
        },
      );
    }
    return { kind: 'wasm', reason: `${cause}, so the CPU (wasm) runs the model.`, adapter: null, seen };
  }
  if (choice === 'auto' && seen.isSoftware) {
    const reason = `WebGPU is emulated in software here (${adapterName(seen)}); the CPU (wasm) is faster and runs the model.`;
    return { kind: 'wasm', reason, adapter: null, seen };
  }
  const reason = choice === 'webgpu' ? 'You chose WebGPU.' : 'WebGPU runs on a GPU.';
  return { kind: 'webgpu', reason, adapter, seen };
}

/**
 * A device of our own on the adapter, with limits as high as they go. Throws `no-webgpu` where the adapter refuses.
 *
 * No feature that a kernel could use is asked for: every graph is f32. `subgroups` would change kernels, and is withheld: with it onnxruntime-web 1.30.0
 * on SwiftShader (subgroup size 4) gave wrong logits, silently, for rows of more than 16 tokens with an attention bias and of more than 32
 * without (log-likelihoods off by up to 23, accuracy 58 % instead of 100 %). Other adapters were not tried. To be asked for once a version
 * passes `e2e/webgpu/goldens.spec.ts` with it.
 */
export async function createGpuDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]]));
  try {
    const requiredFeatures = WANTED_FEATURES.filter((name) => adapter.features.has(name));
    return await adapter.requestDevice({ label: 'recall-lab', requiredLimits, requiredFeatures });
  } catch (error) {
    const message =
      'The GPU refused to be opened. Close other tabs that use it and try again, or run on the CPU (wasm).';
    throw new AppError('no-webgpu', message, { raw: String(error) }, error);
  }
}

/** Smallest step of `performance.now()` here, in ms: the shortest duration that a figure can honestly show. */
export function measureTimerResolutionMs(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    smallest = Math.min(smallest, now - start);
  }
  return Number(smallest.toPrecision(3));
}

/** The report on the device that runs, for the status line and the copyable text. */
export function toDeviceReport(
  decision: DeviceDecision,
  device: GPUDevice | null,
  runtime: DeviceReport['runtime'],
): DeviceReport {
  const limits = device ? Object.fromEntries(WANTED_LIMITS.map((name) => [name, device.limits[name]])) : {};
  return {
    kind: decision.kind,
    reason: decision.reason,
    adapter: decision.seen,
    features: device ? [...device.features].sort() : [],
    limits,
    runtime,
    crossOriginIsolated: globalThis.crossOriginIsolated,
    timerResolutionMs: measureTimerResolutionMs(),
    userAgent: navigator.userAgent,
  };
}
