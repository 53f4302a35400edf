import { AppError } from '../core/errors.ts';
import type { PackFile } from '../core/pack/manifest.ts';
import type { FileCache } from './cache.ts';
import { stopIfAborted } from './stopping.ts';

/** A line that brings nothing for this long is dead. */
const STALL_TIMEOUT_MS = 20_000;

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  /** Bytes that have arrived since the last call; negative where a file starts over. */
  onBytes?: ((delta: number) => void) | undefined;
  cache?: FileCache | null | undefined;
  /** Told why a file could not be kept. */
  onCacheNotice?: ((notice: string) => void) | undefined;
  stallTimeoutMs?: number | undefined;
}

/** sha256 of bytes, as lower-case hexadecimal digits; rejects with `download-failed` on a page that is not secure. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) {
    throw new AppError(
      'download-failed',
      'Files can be checked only on a secure page. Open this page over https or on localhost.',
    );
  }
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function failed(file: PackFile, what: string, details: Record<string, string | number>, cause?: unknown): AppError {
  const message = `${file.path} could not be downloaded: ${what}. Check the connection and try again.`;
  return new AppError('download-failed', message, { path: file.path, ...details }, cause);
}

/** Reads a body of exactly the manifest's length; a longer one is cut off, so that no host can fill the memory. */
async function readBody(
  response: Response,
  file: PackFile,
  onChunk: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(file.sizeBytes);
  let length = 0;
  const reader = response.body?.getReader();
  if (!reader) throw failed(file, 'the answer has no body', {});
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (length + value.length > bytes.length) {
      await reader.cancel();
      const details = { observed: length + value.length, allowed: bytes.length };
      throw failed(file, `it is longer than the ${bytes.length} bytes that the manifest names`, details);
    }
    bytes.set(value, length);
    length += value.length;
    onChunk(value.length);
  }
  if (length !== bytes.length) {
    const what = `it broke off after ${length} of ${bytes.length} bytes`;
    throw failed(file, what, { observed: length, allowed: bytes.length });
  }
  return bytes;
}

async function fetchOnce(
  url: string,
  file: PackFile,
  requestCache: RequestCache,
  { signal, onBytes, stallTimeoutMs = STALL_TIMEOUT_MS }: DownloadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const stall = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let received = 0;
  const arm = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stall.abort(), stallTimeoutMs);
  };
  const onAbort = () => stall.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    stopIfAborted(signal); // a signal that was aborted before tells nobody
    arm();
    const response = await fetch(url, { signal: stall.signal, cache: requestCache });
    if (!response.ok) throw failed(file, `the host answered ${response.status}`, { status: response.status });
    if (/text\/html/i.test(response.headers.get('content-type') ?? '')) {
      throw failed(file, 'the host sent a web page in its place', {
        contentType: response.headers.get('content-type') ?? '',
      });
    }
    return await readBody(response, file, (length) => {
      arm();
      received += length;
      onBytes?.(length);
    });
  } catch (error) {
    onBytes?.(-received);
    if (signal?.aborted) throw new AppError('stopped', 'The download was stopped.');
    if (error instanceof AppError) throw error;
    const what = stall.signal.aborted
      ? `nothing arrived for ${stallTimeoutMs / 1000} s`
      : 'the connection failed (are you offline?)';
    throw failed(file, what, { raw: String(error) }, error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * The bytes of a pack's file, from the cache or the network, with the manifest's length and sha256.
 * A bad entry of the cache is evicted; a bad or broken download is fetched once more past the browser's cache; nothing bad is kept.
 * Throws `download-failed`, `hash-mismatch` or `stopped`.
 */
export async function downloadFile(
  url: string,
  file: PackFile,
  options: DownloadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { cache, onBytes } = options;
  const kept = await cache?.read(file.sha256);
  if (kept) {
    if ((await sha256Hex(kept)) === file.sha256) {
      onBytes?.(kept.length);
      return kept;
    }
    await cache?.remove(file.sha256);
  }
  const first = await fetchOnce(url, file, 'default', options).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'stopped') throw error;
    return null;
  });
  let bytes = first;
  if (!bytes || (await sha256Hex(bytes)) !== file.sha256) {
    if (bytes) onBytes?.(-bytes.length);
    bytes = await fetchOnce(url, file, 'reload', options);
    const observed = await sha256Hex(bytes);
    if (observed !== file.sha256) {
      onBytes?.(-bytes.length);
      const message = `${file.path} is not the file that the pack names (its sha256 differs, twice). It was not used. Try again later, or tell the site's owner.`;
      throw new AppError('hash-mismatch', message, { path: file.path, observed, allowed: file.sha256 });
    }
  }
  const notice = await cache?.write(file.sha256, bytes);
  if (notice) options.onCacheNotice?.(notice);
  return bytes;
}
