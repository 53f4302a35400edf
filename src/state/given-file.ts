import { AppError, toWireError, type WireError } from '../core/errors.ts';
import { quote } from '../core/json.ts';

/** A file that a person chose, dropped or pasted; its bytes are not read yet. */
export interface GivenFile {
  /** Its name, with its folder where that is known; a folder's ends in a slash. */
  path: string;
  sizeBytes: number;
  /** Rejects where it is gone, or has changed since it was given. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** The same once it is read. */
export interface ReadFile {
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of a file; rejects with `input-invalid` where it is too large, a folder, or was changed or taken away meanwhile. */
export async function readGivenFile(
  { path, sizeBytes, read }: GivenFile,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (sizeBytes > maxBytes) {
    const message = `${quote(path)} has ${sizeBytes} bytes, where at most ${maxBytes} are read. Give a part of it.`;
    throw new AppError('input-invalid', message, { field: path, observed: sizeBytes, allowed: maxBytes });
  }
  try {
    const bytes = await read();
    if (bytes.length === sizeBytes) return bytes;
    throw new Error(`${bytes.length} bytes instead of ${sizeBytes}`);
  } catch (error) {
    const message = `${quote(path)} could not be read: it was changed, moved or locked meanwhile, or is a folder. Give the file itself, once more.`;
    throw new AppError('input-invalid', message, { field: path, raw: String(error) }, error);
  }
}

/** The bytes of some files, no more than so many; a bad one costs only itself, too many cost all. */
export async function readGivenFiles(
  files: readonly GivenFile[],
  { maxFiles, maxBytes }: { maxFiles: number; maxBytes: number },
): Promise<{ read: readonly ReadFile[]; problems: readonly WireError[] }> {
  if (files.length > maxFiles) {
    const problem = `were chosen, where at most ${maxFiles} are read at once`;
    const details = { observed: files.length, allowed: maxFiles };
    const error = new AppError('input-invalid', `${files.length} files ${problem}.`, details);
    return { read: [], problems: [toWireError(error)] };
  }
  const read: ReadFile[] = [];
  const problems: WireError[] = [];
  for (const file of files) {
    try {
      read.push({ path: file.path, bytes: await readGivenFile(file, maxBytes) });
    } catch (error) {
      problems.push(toWireError(error));
    }
  }
  return { read, problems };
}
