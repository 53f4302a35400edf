import type { DeviceChoice, DeviceKind, DeviceReport, GateResult } from '../engine/protocol.ts';

/** The report of a device that no browser has. */
export function toReport(
  kind: DeviceKind,
  choice: DeviceChoice,
  faults: { hasWebgpu: boolean; isSoftware: boolean; features: readonly string[] },
): DeviceReport {
  const adapter = { vendor: 'fake', architecture: 'one', device: '', description: '', isSoftware: faults.isSoftware };
  return {
    kind,
    reason: toReason(kind, choice),
    adapter: faults.hasWebgpu ? adapter : null,
    features: kind === 'webgpu' ? faults.features : [],
    limits: {},
    runtime: { version: '1.30.0', build: kind === 'webgpu' ? 'jspi' : 'wasm' },
    crossOriginIsolated: false,
    timerResolutionMs: 0.1,
    userAgent: 'fake',
  };
}

function toReason(kind: DeviceKind, choice: DeviceChoice): string {
  if (choice !== 'auto') return `You chose ${choice}.`;
  return kind === 'webgpu' ? 'A hardware adapter was found.' : 'There is no hardware adapter.';
}

/** A golden gate's verdict. */
export function toGate(isFailing: boolean): GateResult {
  return {
    status: isFailing ? 'failed' : 'passed',
    maxDifference: isFailing ? 0.5 : 1e-5,
    tolerance: 1e-3,
    agreeing: isFailing ? 0 : 3,
    contexts: 3,
  };
}
