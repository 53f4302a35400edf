import { useSyncExternalStore } from 'react';

/** A phone held upright: what is secondary folds away below this width. */
const NARROW_QUERY = '(max-width: 36rem)';

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(NARROW_QUERY);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW_QUERY).matches);
}
