import { REGIME_KEYS } from '../core/recover/regime.ts';
import { ENGINE_VERSION } from './result-book.ts';
import { compareRuns, type FingerprintSource, type RunFingerprint, toShortFingerprint } from './run-fingerprint.ts';
import type { LinkedRun } from './share-state.ts';

/** How many items of each regime a link tells of, and of which regimes, in the order of the board. */
export function toLinkedItems({ regimes }: RunFingerprint) {
  const keys = new Set(regimes.map(({ key }) => key));
  return {
    items: Math.max(...regimes.map(({ items }) => items)),
    regimes: REGIME_KEYS.filter((key) => keys.has(key)),
  };
}

/** The run of a link, held against the answers at hand. */
export function toLinkedRun(linked: RunFingerprint, source: FingerprintSource): LinkedRun {
  return {
    digits: toShortFingerprint(linked),
    device: linked.device,
    isOtherDevice: source.book !== null && source.book.device.device !== linked.device,
    isOtherEngine: linked.engineVersion !== ENGINE_VERSION,
    items: toLinkedItems(linked).items,
    comparison: compareRuns(linked, source),
  };
}
