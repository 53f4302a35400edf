import { isObject, parseJson } from '../json.ts';
import { refuseTask } from './refuse-task.ts';

/** Largest file of documents: what a page can hold as text and as objects at once; that of the shipped facts has 0.6 MB. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** One line of a JSONL file: where it stands, for messages, and its object. */
export interface JsonLine {
  /** Such as `line 2 of the facts`. */
  place: string;
  value: Readonly<Record<string, unknown>>;
}

/** The objects of a JSONL file, blank lines left out; throws `task-invalid` for anything else, more than `maxLines`, or none. */
export function parseJsonLines(bytes: Uint8Array, fileName: string, maxLines: number): readonly JsonLine[] {
  if (bytes.length > MAX_FILE_BYTES) {
    return refuseTask(fileName, 'file', `${bytes.length} bytes`, `at most ${MAX_FILE_BYTES} bytes`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuseTask(fileName, 'file', 'bad UTF-8', 'UTF-8');
  }
  const lines: JsonLine[] = [];
  // Line by line: splitting at once would make a list entry of every byte of a file of line ends.
  for (let start = 0, number = 1; start < text.length; number++) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? undefined : end);
    start = end < 0 ? text.length : end + 1;
    if (line.trim() === '') continue;
    if (lines.length === maxLines) refuseTask(fileName, 'file', `more than ${maxLines} lines`, `${maxLines} lines`);
    const place = `line ${number} of ${fileName}`;
    const value = parseJson(new TextEncoder().encode(line), place, 'task-invalid');
    lines.push({ place, value: isObject(value) ? value : refuseTask(place, 'document', value, 'an object') });
  }
  return lines.length > 0 ? lines : refuseTask(fileName, 'file', 'empty', '1 line or more');
}
