import type { Recipe } from '../compress/recipe.ts';
import type { Recovery } from './recovery.ts';

/** A variant with a recovery: what gets a column, a colour and a line in every chart. `recipe: null` is the dense checkpoint. */
export interface Regime {
  /** Unique among the regimes of a session, stable across reloads. */
  id: string;
  recipe: Recipe | null;
  recovery: Recovery;
}
