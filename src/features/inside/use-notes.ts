import type { RegimeKey } from '../../core/recover/regime.ts';
import { useInsideStore } from '../../state/hooks.ts';
import type { InsideQuestion } from '../../state/inside-state.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { toList } from './distance-words.ts';

/** Those of the regimes whose repair was trained for another recipe, as a caption says it; empty without any. */
export function useTransferred(keys: readonly RegimeKey[]): string {
  const transferred = useInsideStore((state) => state.transferred);
  const labels = transferred.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  return labels.length === 0 ? '' : `Trained for another recipe than the one on the page: ${toList(labels)}. `;
}

/**
 * What a figure of the question in view says of it, so that it can be read alone: its text and right answer, and those of the regimes whose
 * repair was trained for another recipe or on this very fact.
 */
export function useQuestionNotes(keys: readonly RegimeKey[]): string {
  const question = useInsideStore((state) => state.question);
  const seen = useInsideStore((state) => state.seen);
  const labels = seen.filter((key) => keys.includes(key)).map((key) => toRegimeLook(key).label);
  const trained = labels.length === 0 ? '' : `Trained on this very fact: ${toList(labels)}. `;
  return `${toQuestionText(question)}${useTransferred(keys)}${trained}`;
}

function toQuestionText(question: InsideQuestion | null): string {
  if (question === null) return 'One question, so no intervals. ';
  const answer = question.answer === null ? 'no right answer known' : `right answer “${question.answer}”`;
  return `One question, so no intervals: “${question.text}”, ${answer}. `;
}
