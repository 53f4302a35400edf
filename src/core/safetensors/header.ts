import { quote } from '../json.ts';
import { refuseSafetensors } from './entry.ts';

/** Deepest nesting of a header: the object itself, a tensor's entry, its shape. */
const MAX_DEPTH = 3;

/**
 * Refuses what `JSON.parse` would let pass in a header: a name given twice (it keeps the last) and nesting without end.
 * One pass over the text; strings are skipped, names are the strings before a colon.
 */
export function checkHeaderText(text: string): void {
  const names: Set<string>[] = [];
  let depth = 0;
  let lastString = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = endOfString(text, i);
      lastString = text.slice(i, end + 1);
      i = end;
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_DEPTH) {
        refuseSafetensors(
          `The header nests deeper than a safetensors header can (${MAX_DEPTH} levels), at character ${i}. The file is damaged or is no safetensors file.`,
          'header',
          depth,
          MAX_DEPTH,
        );
      }
      names[depth] = new Set();
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth -= 1;
    } else if (char === COLON) {
      addName(names[depth], lastString);
      lastString = ''; // one colon per name: a second one must not parse a long name again
    }
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Index of the quote that closes the string opened at `start`; the text's end where none does. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

function addName(names: Set<string> | undefined, literal: string): void {
  const name = parseName(literal);
  if (names?.has(name)) {
    refuseSafetensors(
      `The header names ${quote(name)} twice, where every name must be unique. The file is damaged; fetch it again.`,
      name,
      2,
      1,
    );
  }
  names?.add(name);
}

/** A name out of its literal, so that two spellings of one name are one; the first colon without a name ends the search. */
function parseName(literal: string): string {
  let name: unknown = null;
  try {
    if (literal !== '') name = JSON.parse(literal);
  } catch {
    // It is no string, as the next line says.
  }
  if (typeof name === 'string') return name;
  return refuseSafetensors(
    'The header is not valid JSON. The file is damaged; fetch it again.',
    'header',
    'bad JSON',
    'JSON',
  );
}
