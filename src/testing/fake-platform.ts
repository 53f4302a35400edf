import { AppError } from '../core/errors.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { createMemoryResults, createMemoryTexts } from '../state/memory-storage.ts';
import type { Platform } from '../state/platform.ts';
import { createPlainRunsReader } from '../state/runs-reader.ts';
import { makePackFiles } from './make-pack.ts';

export interface FakePlatform extends Platform {
  /** The pack's files by path; one taken away answers as a host that has lost it. */
  files: Map<string, Uint8Array>;
  /** Paths in the order they were asked for. */
  asked: string[];
  nowMs: number;
  /** What stands behind `#` in the address, `#` included. */
  fragment: string;
  setHidden(isHidden: boolean): void;
  /** The connection is back. */
  comeOnline(): void;
  /** Closes the page in good order. */
  leave(): void;
}

/** The address of the fake pack. */
export const PACK_URL = 'http://localhost/packs/toy/';

/** A browser without a network or a clock of its own; storages may be shared with an earlier visit. */
export function fakePlatform(kept: Partial<Pick<Platform, 'texts' | 'results'>> = {}): FakePlatform {
  const listeners = new Set<() => void>();
  const leaving = new Set<() => void>();
  const returning = new Set<() => void>();
  let isHidden = false;
  const platform: FakePlatform = {
    texts: kept.texts ?? createMemoryTexts(),
    results: kept.results ?? createMemoryResults(),
    statistics: createPlainStatistics(),
    runs: createPlainRunsReader(),
    files: makePackFiles(),
    asked: [],
    nowMs: Date.UTC(2026, 0, 1),
    fragment: '',
    address: {
      readFragment: () => platform.fragment,
      clearFragment: () => {
        platform.fragment = '';
      },
      toUrl: (fragment) => `http://localhost/${fragment}`,
    },
    readFile: async (url) => {
      const path = url.slice(PACK_URL.length);
      platform.asked.push(path);
      const bytes = platform.files.get(path);
      if (bytes === undefined) throw new AppError('download-failed', `The host answered 404 for ${path}.`);
      return bytes;
    },
    now: () => {
      platform.nowMs += 1000;
      return platform.nowMs;
    },
    wait: () => new Promise((resolve) => setTimeout(resolve, 0)),
    isHidden: () => isHidden,
    onHidden: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onLeave: (listener) => void leaving.add(listener),
    onOnline: (listener) => void returning.add(listener),
    comeOnline: () => {
      for (const listener of returning) listener();
    },
    leave: () => {
      for (const listener of leaving) listener();
    },
    setHidden: (hidden) => {
      isHidden = hidden;
      if (hidden) for (const listener of listeners) listener();
    },
  };
  return platform;
}
