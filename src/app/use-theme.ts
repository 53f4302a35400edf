import { useLayoutEffect, useSyncExternalStore } from 'react';
import { useSettingsStore } from '../state/hooks.ts';

const DARK_QUERY = '(prefers-color-scheme: dark)';

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(DARK_QUERY);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}

/** Whether the page is dark now, by choice or else by the system. */
export function useIsDark(): boolean {
  const theme = useSettingsStore((state) => state.theme);
  const isSystemDark = useSyncExternalStore(subscribe, () => matchMedia(DARK_QUERY).matches);
  return theme === 'system' ? isSystemDark : theme === 'dark';
}

/** Puts theme and text size on the document, where the tokens read them. */
export function useTheme(): void {
  const theme = useSettingsStore((state) => state.theme);
  const textSize = useSettingsStore((state) => state.textSize);
  useLayoutEffect(() => {
    const root = document.documentElement;
    if (theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme;
    if (textSize === 'large') root.dataset.type = 'large';
    else delete root.dataset.type;
  }, [theme, textSize]);
}
