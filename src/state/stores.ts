import type { StoreApi } from 'zustand/vanilla';
import type { BoardState } from './board-state.ts';
import type { EngineState } from './engine-state.ts';
import type { EvaluateState } from './evaluate-state.ts';
import type { PackState } from './pack-state.ts';
import type { RecipeState } from './recipe-state.ts';
import type { NoticesState, SettingsState } from './settings-state.ts';

/** All that the page reads and calls. */
export interface Stores {
  pack: StoreApi<PackState>;
  engine: StoreApi<EngineState>;
  recipe: StoreApi<RecipeState>;
  board: StoreApi<BoardState>;
  evaluate: StoreApi<EvaluateState>;
  settings: StoreApi<SettingsState>;
  notices: StoreApi<NoticesState>;
}
