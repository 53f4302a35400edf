import type { CrashMark } from './engine-faults.ts';
import { STORAGE_PREFIX, type TextStorage } from './platform.ts';

const KEY = `${STORAGE_PREFIX}starting`;

/** The mark of a start under way, kept across reloads; storage that is denied keeps none. */
export function createCrashMark(texts: TextStorage): CrashMark & { wasLeft: boolean } {
  let wasLeft = false;
  try {
    wasLeft = (texts.read(KEY) ?? '') !== '';
  } catch {
    // Without storage nothing can have been left.
  }
  const write = (text: string) => {
    try {
      texts.write(KEY, text);
    } catch {
      // The settings have told that storage is denied.
    }
  };
  write('');
  return { wasLeft, set: write, clear: () => write('') };
}
