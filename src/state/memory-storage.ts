import type { ResultStorage, TextStorage } from './platform.ts';

/** Results that last as long as the page: where the browser denies storage, and in tests. */
export function createMemoryResults(entries: Iterable<readonly [string, unknown]> = []): ResultStorage {
  const kept = new Map(entries);
  return {
    readAll: async (prefix) => new Map([...kept].filter(([key]) => key.startsWith(prefix))),
    write: async (added) => {
      for (const [key, value] of added) kept.set(key, structuredClone(value));
    },
    removeAll: async (prefix) => {
      for (const key of [...kept.keys()]) if (key.startsWith(prefix)) kept.delete(key);
    },
  };
}

export function createMemoryTexts(entries: Iterable<readonly [string, string]> = []): TextStorage {
  const kept = new Map(entries);
  return { read: (key) => kept.get(key) ?? null, write: (key, text) => void kept.set(key, text) };
}
