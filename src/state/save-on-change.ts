import type { StoreApi } from 'zustand/vanilla';
import type { Stores } from './stores.ts';

/** The stores that hold a part of the settings. */
type SettingStores = Pick<
  Stores,
  'settings' | 'view' | 'recipe' | 'board' | 'comparisons' | 'sweep' | 'tasks' | 'fates' | 'inside' | 'share'
>;

/** Saves whenever a setting changes, and not with all else that its store holds. */
export function saveOnChange(stores: SettingStores, save: () => void): void {
  const saveOn = <State>(store: StoreApi<State>, read: (state: State) => unknown) =>
    store.subscribe((state, previous) => {
      if (read(state) !== read(previous)) save();
    });
  stores.settings.subscribe(save);
  stores.view.subscribe(save);
  saveOn(stores.recipe, (state) => state.recipe);
  saveOn(stores.comparisons, ({ picked }) => picked);
  saveOn(stores.comparisons, ({ plannedDifference }) => plannedDifference);
  saveOn(stores.sweep, ({ plan }) => plan);
  saveOn(stores.tasks, ({ choice }) => choice);
  saveOn(stores.fates, ({ key }) => key);
  saveOn(stores.inside, ({ wanted }) => wanted);
  saveOn(stores.share, ({ linked }) => linked === null);
  saveOn(stores.board, ({ highlighted }) => highlighted);
  saveOn(stores.board, ({ shown }) => shown);
  saveOn(stores.board, ({ exposure }) => exposure);
  saveOn(stores.board, ({ sampling }) => sampling);
  saveOn(stores.board, ({ textPrompt }) => textPrompt);
  saveOn(stores.board, ({ question }) => question.text);
}
