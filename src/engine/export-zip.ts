import { zipSync } from 'fflate';
import { type ExportFile, toFolderSize } from '../core/export/folder.ts';
import type { LoadOptions } from './runner-type.ts';
import { hearStop } from './stopping.ts';

/**
 * A folder as one .zip, its files stored without compression (weights hardly shrink) below `name/`. Files are made one after
 * the other; throws `stopped` between two of them when the signal aborts.
 */
export async function zipFolder(
  name: string,
  files: readonly ExportFile[],
  { signal, onProgress }: LoadOptions = {},
): Promise<Blob> {
  const entries: Record<string, Uint8Array> = {};
  const totalBytes = toFolderSize(files);
  let loadedBytes = 0;
  for (const { path, sizeBytes, bytes } of files) {
    onProgress?.({ phase: 'compiling', loadedBytes, totalBytes, label: path });
    await hearStop(signal);
    entries[`${name}/${path}`] = bytes();
    loadedBytes += sizeBytes;
  }
  return new Blob([zipSync(entries, { level: 0 })], { type: 'application/zip' });
}
