import type { DeviceReport } from '../../state/results.ts';

/** The device as a person knows it: `WebGPU · nvidia ada-lovelace`, `CPU (wasm)`. */
export function toDeviceName(device: DeviceReport): string {
  if (device.kind === 'wasm') return 'CPU (wasm)';
  const adapter = device.adapter;
  if (adapter === null) return 'WebGPU';
  const name =
    adapter.description || [adapter.vendor, adapter.architecture || adapter.device].filter(Boolean).join(' ');
  return `WebGPU · ${name || 'unnamed adapter'}${adapter.isSoftware ? ' (software)' : ''}`;
}
