import type { Recipe } from '../compress/recipe.ts';
import type { Recovery } from './recovery.ts';

/** A variant with a recovery: what gets a column, a colour and a line in every chart. `recipe: null` is the dense checkpoint. */
export interface Regime {
  /** Unique among the regimes of a session, stable across reloads. */
  id: string;
  recipe: Recipe | null;
  recovery: Recovery;
}

/** The regimes that a page offers, in the order of every board, chart and table; the first five are shown from the start. */
export const REGIME_KEYS = [
  'dense',
  'compressed',
  'prompt',
  'idp',
  'lora-merged',
  'prefix',
  'idp-apart',
  'lora-r1',
  'lora-recompressed',
  'lora-unmerged',
  'text',
] as const;

/** Which place on the board a regime has: decides its label, colour and shape, whatever recipe and repair stand behind it. */
export type RegimeKey = (typeof REGIME_KEYS)[number];
