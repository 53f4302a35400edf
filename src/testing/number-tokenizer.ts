import type { TextTokenizer } from '../engine/runner-type.ts';

/** A tokenizer for models without one: the text `6 41 142` is the ids 6, 41 and 142. */
export const NUMBER_TOKENIZER: TextTokenizer = {
  encode: (text) =>
    text
      .split(' ')
      .filter((word) => word !== '')
      .map(Number),
  decode: (ids) => ids.join(' '),
};

/** Ids as a text of that tokenizer. */
export function toNumberText(ids: readonly number[]): string {
  return ids.join(' ');
}
