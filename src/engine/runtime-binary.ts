import asyncifyUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiUrl from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { PackFile } from '../core/pack/manifest.ts';
import { downloadFile } from './download.ts';
import type { LoadProgress, RuntimeBuild } from './protocol.ts';

/** Length and sha256 of each build's binary, written in by `vite.config.ts`. */
declare const __RUNTIME_FILES__: Readonly<Record<RuntimeBuild, PackFile>>;

const URLS: Readonly<Record<RuntimeBuild, string>> = { jspi: jspiUrl, asyncify: asyncifyUrl, wasm: wasmUrl };

/**
 * The binary of a build of ONNX Runtime Web, by far the largest file of a first visit: read by us, not by the runtime, so that it has
 * progress, Stop, and the same checks as a pack's files. Its address holds its hash, so the browser's own cache keeps it.
 */
export function readRuntimeBinary(
  build: RuntimeBuild,
  options: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const file = __RUNTIME_FILES__[build];
  let loadedBytes = 0;
  return downloadFile(new URL(URLS[build], import.meta.url).href, file, {
    signal: options.signal,
    onBytes: (delta) => {
      loadedBytes += delta;
      options.onProgress?.({ phase: 'downloading', loadedBytes, totalBytes: file.sizeBytes, label: 'ONNX Runtime' });
    },
  });
}
