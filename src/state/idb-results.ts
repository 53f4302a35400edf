import type { IDBPDatabase } from 'idb';
import type { ResultStorage } from './platform.ts';

const DATABASE = 'recall-lab';
const STORE = 'results';

/** Above every key that begins with the prefix. */
const LAST = '\uffff';

/** Results in IndexedDB; opened at the first use, and again after the browser closed it. */
export function createIdbResults(): ResultStorage {
  let opening: Promise<IDBPDatabase> | null = null;
  function open(): Promise<IDBPDatabase> {
    opening ??= openDatabase(() => {
      opening = null;
    });
    opening.catch(() => {
      opening = null;
    });
    return opening;
  }
  return {
    readAll: async (prefix) => {
      const transaction = (await open()).transaction(STORE);
      const range = toRange(prefix);
      const [keys, values] = await Promise.all([transaction.store.getAllKeys(range), transaction.store.getAll(range)]);
      return new Map(keys.map((key, i) => [String(key), values[i] as unknown]));
    },
    write: async (entries) => {
      const transaction = (await open()).transaction(STORE, 'readwrite');
      await Promise.all([...[...entries].map(([key, value]) => transaction.store.put(value, key)), transaction.done]);
    },
    removeAll: async (prefix) => {
      await (await open()).delete(STORE, toRange(prefix));
    },
  };
}

function toRange(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, prefix + LAST);
}

async function openDatabase(onClosed: () => void): Promise<IDBPDatabase> {
  // Only what is run live is stored, so the first paint goes without this.
  const { openDB } = await import('idb');
  const database = await openDB(DATABASE, 1, {
    upgrade: (fresh) => void fresh.createObjectStore(STORE),
    // Another tab wants a newer form of the store: let it have it.
    blocking: () => {
      database.close();
      onClosed();
    },
    terminated: onClosed,
  });
  return database;
}
