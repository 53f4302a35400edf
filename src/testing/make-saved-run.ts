import type { Outcome } from '../state/result-book.ts';
import { ENGINE_VERSION, toPackFingerprint } from '../state/result-book.ts';
import type { SavedRun, SavedUnit } from '../state/run-file.ts';
import { makeManifest } from './make-pack.ts';
import { makeSize } from './make-results.ts';

/** Questions of the toy world: its capitals 1 to 9 (fold A) and 11 to 19 (fold B) in the first form. */
const ITEMS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19].map((i) => `capital/${i}?0`);

function makeOutcomes(isRight: (place: number) => boolean, chosenPrompt: number | null): Map<string, Outcome> {
  const outcomes = ITEMS.map((id, i): [string, Outcome] => [
    id,
    { isRight: isRight(i), logLikelihood: -0.25 * (i + 1), chosenPrompt },
  ]);
  return new Map(outcomes.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A run of the toy pack on a device of its own: dense, compressed and both twins of IDP, one of them timed. */
export function makeSavedRun(overrides: Partial<SavedRun> = {}): SavedRun {
  const timings = { ttftMs: [3, 4, 5], perTokenMs: [1, 1, 1], routingMs: [0.5, 0.5, 0.5], timerResolutionMs: 0.1 };
  const bare = { fold: null, timings: null, size: null };
  const units: SavedUnit[] = [
    { ...bare, key: 'dense', outcomes: makeOutcomes(() => true, null) },
    { ...bare, key: 'compressed', outcomes: makeOutcomes((i) => i % 3 === 0, null) },
    { key: 'idp', fold: 'A', outcomes: makeOutcomes((i) => i % 2 === 0, 1), timings, size: makeSize() },
    { ...bare, key: 'idp', fold: 'B', outcomes: makeOutcomes((i) => i % 3 !== 1, 2) },
  ];
  return {
    pack: { id: 'toy', fingerprint: toPackFingerprint(makeManifest()) },
    engineVersion: ENGINE_VERSION,
    device: { device: 'A laptop', deviceKind: 'wasm', isSoftware: false, date: '2026-02-03T04:05:06.000Z' },
    recipe: { version: 1, steps: [{ method: 'magnitude', sparsity: 0.6, granularity: 'per-output' }] },
    textPrompt: '',
    presetItems: 18,
    units,
    tasks: [],
    ...overrides,
  };
}
