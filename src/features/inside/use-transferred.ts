import type { RegimeKey } from '../../core/recover/regime.ts';
import { useBoardStore } from '../../state/hooks.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toList } from './distance-words.ts';

/** Those of the regimes on the board whose repair was trained for another recipe, as a caption says it; empty without any. */
export function useTransferred(keys: readonly RegimeKey[]): string {
  const columns = useBoardStore((state) => state.columns);
  const labels = columns
    .filter(({ key, transferred }) => transferred && keys.includes(key))
    .map(({ key }) => toRegimeLook(key).label);
  return labels.length === 0 ? '' : `Trained for another recipe than the one on the page: ${toList(labels)}. `;
}
