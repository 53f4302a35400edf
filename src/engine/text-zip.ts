import { strToU8, unzipSync, Zip, ZipDeflate } from 'fflate';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { turnEventLoop } from './stopping.ts';

/** Bytes compressed between two turns of the event loop: a few milliseconds. */
const PIECE_BYTES = 128 * 1024;

/** Most that a zip may hold: a run of every question and every document in every regime has 190 MB. */
const MAX_UNZIPPED_BYTES = 512 * 1024 * 1024;

/** Most files in a zip. */
const MAX_FILES = 500;

/** A file of a zip. */
export interface ZippedFile {
  path: string;
  bytes: Uint8Array;
}

/** A file that goes into a zip; its content may be made piece by piece. */
export interface FileToZip {
  path: string;
  content: string | Uint8Array | Iterable<string>;
}

/** Files as one .zip, compressed piece by piece as they come, so that the page stays at hand. */
export async function zipFiles(files: Iterable<FileToZip> | AsyncIterable<FileToZip>): Promise<Blob> {
  const parts: BlobPart[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    parts.push(Uint8Array.from(part));
  });
  for await (const { path, content } of files) {
    const entry = new ZipDeflate(path);
    zip.add(entry);
    for (const piece of toPieces(content)) {
      entry.push(piece);
      await turnEventLoop();
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  return new Blob(parts, { type: 'application/zip' });
}

function* toPieces(content: FileToZip['content']): Generator<Uint8Array, void> {
  if (!(content instanceof Uint8Array)) {
    for (const text of typeof content === 'string' ? [content] : content) yield* toPieces(strToU8(text));
    return;
  }
  for (let start = 0; start < content.length; start += PIECE_BYTES) yield content.subarray(start, start + PIECE_BYTES);
}

/** Whether bytes begin as a .zip does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}

/** The files of a .zip; throws `input-invalid` where it is damaged or holds too much. */
export function unzipFiles(bytes: Uint8Array, fileName: string): readonly ZippedFile[] {
  let total = 0;
  let count = 0;
  const refuse = (problem: string, raw = ''): never => {
    const message = `${quote(fileName)} ${problem}. Choose a .zip as this page saved it.`;
    throw new AppError('input-invalid', message, { file: fileName, raw });
  };
  const filter = ({ originalSize }: { originalSize: number }) => {
    total += originalSize;
    count += 1;
    if (total > MAX_UNZIPPED_BYTES) refuse(`holds more than ${MAX_UNZIPPED_BYTES} bytes`);
    return count <= MAX_FILES ? true : refuse(`holds more than ${MAX_FILES} files`);
  };
  try {
    const entries = Object.entries(unzipSync(bytes, { filter }));
    return entries.filter(([path]) => !path.endsWith('/')).map(([path, content]) => ({ path, bytes: content }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    return refuse('is damaged', String(error));
  }
}
