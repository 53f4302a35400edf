import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Settings } from './settings.ts';
import type { NoticesState, SettingsState } from './settings-state.ts';

export function createSettingsStore(
  settings: Pick<Settings, 'theme' | 'textSize'>,
  toLink: () => string,
): StoreApi<SettingsState> {
  return createStore<SettingsState>((set) => ({
    theme: settings.theme,
    setTheme: (theme) => set({ theme }),
    textSize: settings.textSize,
    setTextSize: (textSize) => set({ textSize }),
    toLink,
  }));
}

/** The banners, and the way to raise one; the same one is raised once. */
export interface Notices {
  store: StoreApi<NoticesState>;
  raise(id: string, text: string): void;
  /** Takes one back, so that it can be raised anew. */
  lower(id: string): void;
}

export function createNotices(): Notices {
  const raised = new Set<string>();
  const store = createStore<NoticesState>((set) => ({
    notices: [],
    dismiss: (id) => set(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) })),
  }));
  return {
    store,
    lower: (id) => {
      raised.delete(id);
      store.getState().dismiss(id);
    },
    raise: (id, text) => {
      if (raised.has(id)) return;
      raised.add(id);
      store.setState(({ notices }) => ({ notices: [...notices, { id, text }] }));
    },
  };
}
