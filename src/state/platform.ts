import type { PackFile } from '../core/pack/manifest.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { RunsReader } from './runs-reader.ts';

/** Small texts kept by the browser, such as `localStorage`; both may throw. */
export interface TextStorage {
  read(key: string): string | null;
  write(key: string, text: string): void;
}

/** Finished results kept by the browser, such as IndexedDB; all may reject. */
export interface ResultStorage {
  /** Every entry whose key begins so; values are outside data, still to be checked. */
  readAll(prefix: string): Promise<ReadonlyMap<string, unknown>>;
  write(entries: ReadonlyMap<string, unknown>): Promise<void>;
  /** Forgets every entry whose key begins so. */
  removeAll(prefix: string): Promise<void>;
}

/** What the stores need of a browser; tests bring their own. */
export interface Platform {
  /** The bytes of a small file of this site, of a pack's file with its length and sha256 checked; rejects with `AppError`. */
  readFile(url: string, file: PackFile | null): Promise<Uint8Array>;
  texts: TextStorage;
  results: ResultStorage;
  /** A thread of its own for what takes long. */
  statistics: Statistics;
  /** Another one, for runs that are brought. */
  runs: RunsReader;
  /** The fragment of the address, `#` included or empty; `clear` takes it away, so that a reload brings back what the person did since. */
  address: { readFragment(): string; clearFragment(): void; toUrl(fragment: string): string };
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after a while; at once when the signal ends it. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  isHidden(): boolean;
  /** Told whenever the tab becomes hidden; returns the way to unsubscribe. */
  onHidden(listener: () => void): () => void;
  /** Told whenever the browser has a connection again. */
  onOnline(listener: () => void): void;
  /** Told when the page is left in good order: closed, reloaded, navigated away from; not when its tab crashes. */
  onLeave(listener: () => void): void;
}

/** Every key of ours in storages that other pages of the same origin may share. */
export const STORAGE_PREFIX = 'recall-lab/';
