/** White space of Unicode, as Python's `str.rstrip` and `\s` take it, but for the separators U+001C to U+001F that Python adds. */
const SPACES = /\p{White_Space}+/u;

/** A text and the white space at its end, apart. */
export function splitTrailingSpace(text: string): readonly [bare: string, space: string] {
  const bare = text.replace(/\p{White_Space}+$/u, '');
  return [bare, text.slice(bare.length)];
}

/** How many words white space parts a text into; space at an end parts off an empty one, as the harness counts. */
export function countWords(text: string): number {
  return text.split(SPACES).length;
}
