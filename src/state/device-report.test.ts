import { expect, test } from 'vitest';
import { makeManifest } from '../testing/make-pack.ts';
import { makeResultSet } from '../testing/make-results.ts';
import { toDeviceReport } from './device-report.ts';
import type { EnginePhase } from './engine-state.ts';
import type { PackPhase } from './pack-state.ts';

const pack: PackPhase = { status: 'ready', manifest: makeManifest(), modelBytes: 1000, totalBytes: 1234 };
const ready: EnginePhase = {
  status: 'ready',
  badge: 'Fell back to wasm: the golden check failed.',
  sizeBytes: 1234,
  device: {
    kind: 'wasm',
    reason: 'The adapter is a software one.',
    adapter: { vendor: 'google', architecture: 'swiftshader', device: '', description: '', isSoftware: true },
    features: ['timestamp-query', 'subgroups'],
    limits: { maxBufferSize: 1_073_741_824 },
    runtime: { version: '1.30.0', build: 'wasm' },
    crossOriginIsolated: false,
    timerResolutionMs: 0.1,
    userAgent: 'Chromium 156',
  },
};

test('a report names device, reason, fallback, runtime, limits and live figures', () => {
  const text = toDeviceReport(ready, pack, makeResultSet());
  for (const part of [
    'Pack: toy (F16), 1234 bytes',
    'Note: Fell back to wasm: the golden check failed.',
    'Device: wasm. The adapter is a software one.',
    'Adapter: google | swiftshader (software)',
    'onnxruntime-web 1.30.0 (wasm)',
    'Features: subgroups, timestamp-query',
    'Limit maxBufferSize: 1073741824',
    'Browser: Chromium 156',
    '21, 95 % intervals in brackets',
    '  dense: all 0.990 [0.980, 1.000] of 200, first token 10.0 [8.5, 11.5] ms (30 runs), further token 4.0 [3.7, 4.3] ms',
  ]) {
    expect(text).toContain(part);
  }
});

test('a failure is reported with its code, sentence and details', () => {
  const error = { code: 'session-failed', message: 'It broke.', details: { raw: 'OrtRun failed' } } as const;
  const text = toDeviceReport({ status: 'failed', error }, { status: 'failed', error }, null);
  expect(text.match(/Error session-failed: It broke\.\n {2}raw: OrtRun failed/g)).toHaveLength(2);
});

test('every state of engine and pack has a report', () => {
  const progress = { phase: 'compiling', loadedBytes: 0, totalBytes: 0, label: '' } as const;
  const error = { code: 'device-lost', message: 'Lost.', details: {} } as const;
  const phases: EnginePhase[] = [
    { status: 'off' },
    { status: 'loading', choice: 'auto', progress },
    { status: 'restarting', attempt: 2, error, progress: null },
  ];
  const texts = phases.map((phase) => toDeviceReport(phase, { status: 'loading' }, null));
  expect(texts[0]).toMatch(/Engine: off/);
  expect(texts[1]).toMatch(/starting on auto, compiling/);
  expect(texts[2]).toMatch(/attempt 2\nError device-lost/);
});
