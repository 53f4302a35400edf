import { isObject, quote, recognizeText, show } from '../json.ts';
import { toFloat32 } from '../tensor/convert.ts';
import type { Dtype, Tensor } from '../tensor/tensor.ts';
import { checkCover, refuseSafetensors as fail, parseEntry, type TensorEntry } from './entry.ts';
import { checkHeaderText } from './header.ts';

/** Bytes before the header: its length as a little-endian unsigned 64-bit integer. */
export const LENGTH_BYTES = 8;

/**
 * Longest header read. Upstream allows 100 MB; the largest checkpoints published need about 12 MB (100,000 tensors of
 * 120 bytes each), and parsing JSON costs some ten times its size in memory.
 */
export const MAX_HEADER_BYTES = 16 * 1024 * 1024;

/** A tensor as it lies in the file: `bytes` is a view into it, little-endian, row-major. */
export interface StoredTensor {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** A safetensors file, checked. */
export interface SafetensorsFile {
  metadata: ReadonlyMap<string, string>;
  tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Bytes of a safetensors file as named tensors, without copying the data; throws `safetensors-invalid`.
 * The data must be covered from its start to its end, with neither hole nor overlap, and every size must fit its shape.
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { text, dataStart } = parseHeaderText(bytes);
  const data = bytes.subarray(dataStart);
  const header = parseHeader(text);
  const metadata = new Map<string, string>();
  const entries: TensorEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') addMetadata(metadata, value);
    else entries.push(parseEntry(name, value));
  }
  checkCover(entries, data.length);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, bytes: data.subarray(begin, end) });
  }
  return { metadata, tensors };
}

/** A stored tensor in float32; a copy, exact for F32, F16 and BF16. */
export function toTensor(stored: StoredTensor): Tensor {
  return { shape: stored.shape, data: toFloat32(stored.bytes, stored.dtype) };
}

function parseHeaderText(bytes: Uint8Array): { text: string; dataStart: number } {
  const found = recognizeText(bytes);
  if (found !== null) {
    fail(`The file holds ${found}, not safetensors. Fetch the weights themselves.`, 'file', found, 'safetensors');
  }
  if (bytes.length < LENGTH_BYTES) {
    fail(
      `The file has ${bytes.length} bytes, where safetensors starts with ${LENGTH_BYTES} bytes of header length. Fetch it again.`,
      'file',
      bytes.length,
      LENGTH_BYTES,
    );
  }
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const room = bytes.length - LENGTH_BYTES;
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    fail(
      `The header claims ${declared} bytes, where at most ${MAX_HEADER_BYTES} are read. The file is damaged or is no safetensors file.`,
      'header length',
      String(declared),
      MAX_HEADER_BYTES,
    );
  }
  const length = Number(declared);
  if (length > room) {
    fail(
      `The header claims ${length} bytes, where the file has ${room} after its length. The file is cut short; fetch it again.`,
      'header length',
      length,
      room,
    );
  }
  const dataStart = LENGTH_BYTES + length;
  const header = bytes.subarray(LENGTH_BYTES, dataStart);
  if (header[0] !== 0x7b) {
    fail(
      `The header starts with byte ${header[0] ?? 'none'}, where "{" (123) must stand. The file is damaged or is no safetensors file.`,
      'header',
      header[0] ?? null,
      0x7b,
    );
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header), dataStart };
  } catch (error) {
    return fail(
      'The header is not valid UTF-8. The file is damaged; fetch it again.',
      'header',
      'bad UTF-8',
      'UTF-8',
      error,
    );
  }
}

function parseHeader(text: string): Record<string, unknown> {
  checkHeaderText(text);
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    fail('The header is not valid JSON. The file is damaged; fetch it again.', 'header', 'bad JSON', 'JSON', error);
  }
  if (!isObject(header)) return fail('The header is no JSON object.', 'header', show(header), 'an object');
  return header;
}

function addMetadata(metadata: Map<string, string>, value: unknown): void {
  if (!isObject(value)) fail('"__metadata__" must be an object of texts.', '__metadata__', show(value), 'an object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      fail(
        `"__metadata__" holds ${show(text)} under ${quote(key)}, where a text must stand.`,
        '__metadata__',
        show(text),
        'a text',
      );
    }
    metadata.set(key, text);
  }
}
