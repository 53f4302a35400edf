import type { RegimeKey } from '../../core/recover/regime.ts';
import { useInsideStore } from '../../state/hooks.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toList } from './distance-words.ts';

/** Those of the regimes whose repair was trained for another recipe, as a caption says it; empty without any. */
export function useTransferred(keys: readonly RegimeKey[]): string {
  const transferred = useInsideStore((state) => state.transferred);
  const labels = transferred.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  return labels.length === 0 ? '' : `Trained for another recipe than the one on the page: ${toList(labels)}. `;
}

/** What is to be said of the repairs that answer the question in view: trained for another recipe, trained on this very fact; empty for neither. */
export function useRepairNotes(keys: readonly RegimeKey[]): string {
  const seen = useInsideStore((state) => state.seen);
  const labels = seen.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  return `${useTransferred(keys)}${labels.length === 0 ? '' : `Trained on this very fact: ${toList(labels)}. `}`;
}
