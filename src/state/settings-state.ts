export type Theme = 'system' | 'light' | 'dark';

export interface SettingsState {
  theme: Theme;
  setTheme(theme: Theme): void;
}

/** Something the person should know that stops nothing. */
export interface Notice {
  id: string;
  text: string;
}

export interface NoticesState {
  notices: readonly Notice[];
  dismiss(id: string): void;
}
