import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { useInsideStore, usePackStore, useRecipeStore } from '../../state/hooks.ts';
import type { InsideQuestion } from '../../state/inside-state.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toList } from './distance-words.ts';

/** The recipe that a figure is of, and those of the regimes whose repair was trained for another one, as a caption says it. */
export function useRecipeNotes(keys: readonly RegimeKey[]): string {
  const recipe = useRecipeStore((state) => state.recipe);
  const presetId = useRecipeStore((state) => state.presetId);
  const preset = usePackStore(({ pack }) =>
    pack.status === 'ready' ? pack.manifest.recipes.find(({ id }) => id === presetId) : undefined,
  );
  const transferred = useInsideStore((state) => state.transferred);
  const labels = transferred.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  const other = labels.length === 0 ? '' : `Trained for another recipe than the one on the page: ${toList(labels)}. `;
  return `Recipe: ${preset?.label ?? toRecipeLabel(recipe)}. ${other}`;
}

/**
 * What a figure of the question in view says of it, so that it can be read alone: its text and right answer, the recipe, and those of the regimes
 * whose repair was trained for another recipe or on this very fact.
 */
export function useQuestionNotes(keys: readonly RegimeKey[]): string {
  const question = useInsideStore((state) => state.question);
  const seen = useInsideStore((state) => state.seen);
  const labels = seen.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  const trained = labels.length === 0 ? '' : `Trained on this very fact: ${toList(labels)}. `;
  return `${toQuestionText(question)}${useRecipeNotes(keys)}${trained}`;
}

function toQuestionText(question: InsideQuestion | null): string {
  if (question === null) return 'One question, so no intervals. ';
  const answer = question.answer === null ? 'no right answer known' : `right answer “${question.answer}”`;
  return `One question, so no intervals: “${question.text}”, ${answer}. `;
}
