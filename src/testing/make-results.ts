import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { RegimeSize } from '../engine/protocol.ts';
import type { Estimate, RecordedResults, RegimeRow, ResultSet } from '../state/results.ts';

/** An estimate whose interval lies `spread` to both sides. */
export function makeEstimate(value: number, spread: number, n: number): Estimate {
  return { value, low: value - spread, high: value + spread, n };
}

/** The same of items of which some share a subject, which says how it was made. */
export function makeShare(value: number, spread: number, n: number): Estimate {
  return { ...makeEstimate(value, spread, n), method: 'cluster-bootstrap', subjects: Math.ceil(0.9 * n) };
}

export function makeSize(overrides: Partial<RegimeSize> = {}): RegimeSize {
  return {
    storedBytes: 1_120_000,
    runtimeBytes: 3_880_000,
    sparsity: 0.6,
    bitsPerWeight: 7.4,
    extraParameters: 0,
    repairParameters: 0,
    ...overrides,
  };
}

/** A regime's row with invented, distinct figures; for component tests only. */
export function makeRow(key: RegimeKey): RegimeRow {
  const place = REGIME_KEYS.indexOf(key);
  const isBare = key === 'dense' || key === 'compressed' || key === 'text';
  const heldOut = makeShare(0.7 + place * 0.02, 0.03, 200);
  return {
    key,
    isTransferred: false,
    isOneTwin: false,
    accuracy: {
      all: isBare ? makeShare(key === 'dense' ? 0.99 : 0.62, 0.01, 200) : null,
      seen: isBare ? null : makeShare(0.75 + place * 0.02, 0.03, 200),
      heldOut: isBare ? null : heldOut,
      control: null,
    },
    recovered: isBare ? null : makeShare(0.3 + place * 0.05, 0.08, 200),
    latency: {
      ttftMs: makeEstimate(10 + place, 1.5, 30),
      prefillMs: makeEstimate(key === 'idp' ? 12.4 : 10 + place, 1.5, 30),
      routingMs: key === 'idp' ? makeEstimate(0.6, 0.1, 30) : null,
      perTokenMs: makeEstimate(4 + place * 0.2, 0.3, 30),
      timerResolutionMs: 0.1,
      startedAt: null,
      contextTokens: 14,
      newTokens: 8,
      discarded: [],
    },
    size: makeSize({
      sparsity: key === 'dense' || key === 'lora-merged' ? 0 : 0.6,
      storedBytes: key === 'dense' || key === 'lora-merged' ? 1_940_000 : 1_120_000,
      repairParameters: isBare ? 0 : key === 'lora-merged' ? 77_312 : 8_192,
      extraParameters: key === 'idp' || key === 'prompt' ? 8_192 : 0,
    }),
  };
}

export function makeResultSet(overrides: Partial<ResultSet> = {}): ResultSet {
  return {
    source: { kind: 'live', device: 'Test adapter', deviceKind: 'webgpu', isSoftware: false, date: '2026-11-21' },
    recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] },
    recipeLabel: 'Magnitude 60 %, per output',
    damage: makeShare(0.37, 0.03, 200),
    rows: REGIME_KEYS.map(makeRow),
    timeComparisons: [],
    ...overrides,
  };
}

export function makeRecorded(recipeId: string): RecordedResults {
  return {
    version: 1,
    recipeId,
    ...makeResultSet({
      source: { kind: 'recorded', device: 'CPU (wasm)', deviceKind: 'wasm', isSoftware: false, date: '2026-11-20' },
    }),
  };
}
