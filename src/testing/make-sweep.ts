import { AXIS_OF, toStep } from '../core/compress/levels.ts';
import { METHODS } from '../core/compress/methods.ts';
import type { MethodId } from '../core/compress/recipe.ts';
import type { RegimeKey } from '../core/recover/regime.ts';
import type { SensitivityCell, SweepPoint, SweepResults } from '../state/sweep-state.ts';
import { makeEstimate } from './make-results.ts';

/** The dense model's point. */
export function makeDensePoint(overrides: Partial<SweepPoint> = {}): SweepPoint {
  return {
    recipe: null,
    method: null,
    level: null,
    regime: 'dense',
    label: 'Dense',
    transferredFrom: null,
    storedBytes: 2_100_000,
    accuracy: makeEstimate(0.99, 0.01, 200),
    perplexity: makeEstimate(1.02, 0.01, 200),
    klDivergence: makeEstimate(0, 0, 200),
    sameTop: makeEstimate(1, 0, 200),
    right: new Uint8Array(),
    isOneTwin: false,
    ...overrides,
  };
}

/** A method at a level in a regime, with invented figures that fall with the level; for component tests only. */
export function makePoint(
  method: MethodId,
  level: number,
  regime: RegimeKey,
  overrides: Partial<SweepPoint> = {},
): SweepPoint {
  const isBits = AXIS_OF[method] === 'bits';
  const harm = isBits ? 1 / level : level;
  return {
    recipe: { version: 1, steps: [toStep(method, level)] },
    method,
    level,
    regime,
    label: `${METHODS[method].label} ${isBits ? `${level} bit` : `${level * 100} %`}`,
    transferredFrom: null,
    storedBytes: Math.round(2_100_000 * (1.1 - harm)),
    accuracy: makeEstimate(1 - harm, 0.02, 200),
    perplexity: makeEstimate(1 + 4 * harm, 0.2, 200),
    klDivergence: makeEstimate(harm, 0.05, 200),
    sameTop: makeEstimate(1 - harm / 2, 0.02, 200),
    right: new Uint8Array(),
    isOneTwin: false,
    ...overrides,
  };
}

/** One layer's matrix, or `all`, compressed alone. */
export function makeCell(layer: number, matrix: string, divergence: number): SensitivityCell {
  return {
    layer,
    matrix,
    accuracy: makeEstimate(1 - divergence, 0.01, 200),
    klDivergence: makeEstimate(divergence, 0.01, 200),
    right: new Uint8Array(),
  };
}

export function makeSweepResults(kind: 'recorded' | 'live', overrides: Partial<SweepResults> = {}): SweepResults {
  const device = kind === 'recorded' ? 'CPU (wasm)' : 'Test adapter';
  const deviceKind = kind === 'recorded' ? 'wasm' : 'webgpu';
  return {
    source: { kind, device, deviceKind, isSoftware: false, date: kind === 'recorded' ? '2026-11-20' : '2026-11-21' },
    items: [],
    points: [
      makeDensePoint(),
      makePoint('magnitude', 0.5, 'compressed'),
      makePoint('magnitude', 0.6, 'compressed'),
      makePoint('magnitude', 0.5, 'idp', { accuracy: makeEstimate(0.7, 0.03, 100) }),
      makePoint('rtn', 2, 'compressed'),
    ],
    sensitivity: {
      recipe: { version: 1, steps: [toStep('magnitude', 0.6)] },
      label: 'Magnitude 60 %',
      cells: [
        makeCell(0, 'all', 0.4),
        makeCell(0, 'mlp.up_proj', 0.1),
        makeCell(1, 'all', 0.3),
        makeCell(1, 'mlp.up_proj', 0.002),
      ],
    },
    family: null,
    ...overrides,
  };
}
