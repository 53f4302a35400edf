import { AppError, type ErrorCode } from './errors.ts';

/** Longest piece of a stranger's text that a message repeats. */
const MAX_QUOTED = 80;

/** Outside text as it may stand in a message: in double quotes, escaped, shortened. */
export function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

/** A short word for what stands at the start of a file that should hold something else; null where it looks like neither. */
export function recognizeText(bytes: Uint8Array): 'a web page' | 'a Git LFS pointer' | null {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith('<!doctype') || start.startsWith('<html') || start.startsWith('<?xml')) return 'a web page';
  if (start.startsWith('version https://git-lfs')) return 'a Git LFS pointer';
  return null;
}

/** Largest JSON file parsed; the largest real ones, indices and tokenizers, have about 10 MB, and parsing costs ten times that. */
const MAX_JSON_BYTES = 32 * 1024 * 1024;

/** JSON bytes as a value still to be checked; throws `code` for bad UTF-8 or bad JSON, naming the file. */
export function parseJson(bytes: Uint8Array, fileName: string, code: ErrorCode): unknown {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new AppError(
      code,
      `${quote(fileName)} has ${bytes.length} bytes, where at most ${MAX_JSON_BYTES} are read. Choose another file.`,
      { field: fileName, observed: bytes.length, allowed: MAX_JSON_BYTES },
    );
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const found = recognizeText(bytes) ?? 'no valid JSON';
    throw new AppError(
      code,
      `${quote(fileName)} holds ${found}. Fetch or choose the original file again.`,
      { field: fileName, observed: found, allowed: 'JSON', raw: String(error) },
      error,
    );
  }
}

/** A plain object out of JSON. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Most items of a list that a message repeats. */
const MAX_SHOWN = 8;

/** A value as it may stand in a message, shortened; what lists hold is not looked into, however deep it is. */
export function show(value: unknown): string {
  if (!Array.isArray(value)) return showPlain(value);
  const items = value.slice(0, MAX_SHOWN).map((item) => (Array.isArray(item) ? '[…]' : showPlain(item)));
  return `[${items.join(', ')}${value.length > MAX_SHOWN ? ', …' : ''}]`;
}

function showPlain(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'object' && value !== null) return 'an object';
  if (value === undefined) return 'nothing';
  return Object.is(value, -0) ? '-0' : String(value);
}
