/** White space of Unicode, as Python's `str.rstrip` and `\s` take it, but for the separators U+001C to U+001F that Python adds. */
const SPACES = /\p{White_Space}+/u;

/** A context and what continues it, as a model reads them: white space at the context's end goes to the continuation, as in the harness. */
export function moveTrailingSpace(context: string, continuation: string): readonly [context: string, rest: string] {
  const bare = context.replace(/\p{White_Space}+$/u, '');
  return [bare, `${context.slice(bare.length)}${continuation}`];
}

/** Whether a text has white space alone, or nothing: as a context it gives a model the begin token only. */
export function isBlank(text: string): boolean {
  return !/\P{White_Space}/u.test(text);
}

/** How many words white space parts a text into; space at an end parts off an empty one, as the harness counts. */
export function countWords(text: string): number {
  return text.split(SPACES).length;
}
