import type { StoreApi } from 'zustand/vanilla';
import type { Settings } from './settings.ts';
import type { Stores } from './stores.ts';
import { toViewSettings } from './view-store.ts';

/** The stores that hold a part of the settings. */
type SettingStores = Pick<
  Stores,
  'settings' | 'view' | 'recipe' | 'board' | 'comparisons' | 'sweep' | 'tasks' | 'fates' | 'inside' | 'share'
>;

/** The settings as the stores have them; a recipe that was refused or that nobody chose is none. */
export function toPageSettings(
  { settings, view, recipe, board, comparisons, sweep, tasks, fates, inside }: SettingStores,
  { hasRecipe, linkedRun }: Pick<Settings, 'linkedRun'> & { hasRecipe: boolean },
): Settings {
  const { picked, plannedDifference } = comparisons.getState();
  const { theme, textSize } = settings.getState();
  const { highlighted, shown, exposure, sampling, textPrompt, question } = board.getState();
  const { recipe: wanted, problem } = recipe.getState();
  const kept = { theme, textSize, highlighted, shown, exposure, sampling, textPrompt, question: question.text };
  return {
    ...kept,
    recipe: hasRecipe && problem === null ? wanted : null,
    sweep: sweep.getState().plan,
    task: tasks.getState().choice,
    fateKey: fates.getState().key,
    inside: inside.getState().wanted,
    ...toViewSettings(view.getState()),
    picked,
    plannedDifference,
    linkedRun,
  };
}

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
