export type Theme = 'system' | 'light' | 'dark';

/** Large type is for a room. */
export type TextSize = 'normal' | 'large';

export interface SettingsState {
  theme: Theme;
  setTheme(theme: Theme): void;
  textSize: TextSize;
  setTextSize(textSize: TextSize): void;
  /** The address of the page as it is now: recipe, question, columns, sweep. */
  toLink(): string;
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
