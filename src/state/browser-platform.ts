import { AppError } from '../core/errors.ts';
import { downloadFile } from '../engine/download.ts';
import { createStatistics } from '../engine/statistics-client.ts';
import { createIdbResults } from './idb-results.ts';
import type { Platform } from './platform.ts';
import { createRunsReader } from './runs-reader.ts';

/** A manifest is a few kilobytes: what takes longer has stalled. */
const MANIFEST_TIMEOUT_MS = 20_000;

/** The browser that the page runs in. */
export function createBrowserPlatform(): Platform {
  return {
    readFile: (url, file) => throughOutage(() => (file === null ? readManifest(url) : downloadFile(url, file))),
    texts: {
      read: (key) => localStorage.getItem(key),
      write: (key, text) => localStorage.setItem(key, text),
    },
    results: createIdbResults(),
    statistics: createStatistics({ whenIdle }),
    runs: createRunsReader(),
    address: {
      readFragment: () => location.hash,
      clearFragment: () => history.replaceState(history.state, '', location.pathname + location.search),
      toUrl: (fragment) => new URL(fragment, location.href).href,
    },
    now: () => Date.now(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      }),
    isHidden: () => document.visibilityState === 'hidden',
    onHidden: (listener) => {
      const onChange = () => {
        if (document.visibilityState === 'hidden') listener();
      };
      document.addEventListener('visibilitychange', onChange);
      return () => document.removeEventListener('visibilitychange', onChange);
    },
    onOnline: (listener) => addEventListener('online', listener),
    onLeave: (listener) => addEventListener('pagehide', listener),
  };
}

/** The page has been drawing for this long: what waits for it starts all the same. */
const LATEST_IDLE_MS = 1000;

/** Resolves once the browser has nothing better to do. */
function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has no idle callbacks: https://caniuse.com/requestidlecallback
    if (typeof requestIdleCallback === 'undefined') setTimeout(resolve, 100);
    else requestIdleCallback(() => resolve(), { timeout: LATEST_IDLE_MS });
  });
}

/** A read that fails after the connection came back began before that: nobody would be told of the return any more, so it is done once more. */
async function throughOutage<T>(read: () => Promise<T>): Promise<T> {
  let isBack = false;
  const onOnline = () => {
    isBack = true;
  };
  addEventListener('online', onOnline);
  try {
    return await read();
  } catch (error) {
    if (!isBack) throw error;
    return await read();
  } finally {
    removeEventListener('online', onOnline);
  }
}

/** The one file that nothing names beforehand, asked afresh so that it fits the files beside it. */
async function readManifest(url: string): Promise<Uint8Array> {
  let status = 0;
  try {
    const response = await fetch(url, { cache: 'no-cache', signal: AbortSignal.timeout(MANIFEST_TIMEOUT_MS) });
    status = response.status;
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new AppError(
      'download-failed',
      'The pack could not be reached (are you offline?). Check the connection and try again.',
      { url, raw: String(error) },
      error,
    );
  }
  throw new AppError('download-failed', `The host answered ${status} for the pack's manifest. Try again later.`, {
    url,
    observed: status,
    allowed: 200,
  });
}
