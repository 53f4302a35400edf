/** Files of packs kept for the next visit, addressed by their content; only entries under our name are ever touched. */
export interface FileCache {
  /** Bytes kept under the hash, unchecked; null where there are none, or none that can be read: such an entry is removed. */
  read(sha256: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Keeps the bytes; a sentence with the two numbers where the browser has no room or forbids storage, else null. */
  write(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<string | null>;
  remove(sha256: string): Promise<void>;
}

const CACHE_NAME = 'recall-lab/packs/1';

/** Cache Storage wants addresses; this one is never fetched. */
function toKey(sha256: string): string {
  return new URL(`recall-lab-cache/${sha256}`, globalThis.location.origin).href;
}

function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

async function explainRefusal(sizeBytes: number): Promise<string> {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  const free = estimate?.quota === undefined ? null : Math.max(0, estimate.quota - (estimate.usage ?? 0));
  const room = free === null ? 'does not say how much room it has' : `has ${toMegabytes(free)} left`;
  return `The model could not be kept for the next visit: a file of ${toMegabytes(sizeBytes)} was refused, the browser ${room}. Everything else works.`;
}

/** The browser's Cache Storage; null where it is denied (private mode, no secure context): the page then runs uncached. */
export async function createFileCache(): Promise<FileCache | null> {
  const storage: CacheStorage | undefined = globalThis.caches;
  const cache = await storage?.open(CACHE_NAME).catch(() => null);
  if (!cache) return null;
  return {
    async read(sha256) {
      try {
        const response = await cache.match(toKey(sha256));
        return response ? new Uint8Array(await response.arrayBuffer()) : null;
      } catch {
        // An entry whose bytes are gone would stop every later load too: without it the file is fetched again.
        await cache.delete(toKey(sha256)).catch(() => false);
        return null;
      }
    },
    async write(sha256, bytes) {
      try {
        await cache.put(toKey(sha256), new Response(bytes));
        return null;
      } catch {
        // A write that broke off must not be read as whole next time; its hash would tell, but nothing bad is kept.
        await cache.delete(toKey(sha256)).catch(() => false);
        return explainRefusal(bytes.length);
      }
    },
    async remove(sha256) {
      await cache.delete(toKey(sha256)).catch(() => false);
    },
  };
}
