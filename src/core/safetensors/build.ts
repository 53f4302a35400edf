import { AppError } from '../errors.ts';
import { quote } from '../json.ts';
import { DTYPE_BYTES } from '../tensor/convert.ts';
import type { Dtype } from '../tensor/tensor.ts';
import { LENGTH_BYTES } from './parse.ts';

/** The header is padded with spaces to a multiple of this, so that every dtype's data is aligned, as upstream writes it. */
const HEADER_ALIGNMENT = 8;

/** A tensor to write: `bytes` little-endian, row-major. */
export interface TensorToStore {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array;
}

/** A safetensors file of these tensors, widest dtypes first and then by name; throws `input-invalid` where bytes and shape differ. */
export function buildSafetensors(
  tensors: ReadonlyMap<string, TensorToStore>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a, x], [b, y]) => DTYPE_BYTES[y.dtype] - DTYPE_BYTES[x.dtype] || (a < b ? -1 : 1));
  const entries: string[] = [];
  if (metadata.size > 0) entries.push(`"__metadata__":${toJsonObject(metadata)}`);
  let dataBytes = 0;
  for (const [name, { dtype, shape, bytes }] of sorted) {
    const needed = shape.reduce((size, length) => size * length, DTYPE_BYTES[dtype]);
    if (name === '__metadata__' || bytes.length !== needed) {
      throw new AppError(
        'input-invalid',
        `Tensor ${quote(name)} cannot be stored: it has ${bytes.length} bytes, where ${dtype} of shape [${shape.join(', ')}] needs ${needed}.`,
        { field: name, observed: bytes.length, allowed: needed },
      );
    }
    const offsets = [dataBytes, dataBytes + bytes.length];
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: offsets })}`);
    dataBytes += bytes.length;
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`);
  const padded = Math.ceil(header.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const file = new Uint8Array(LENGTH_BYTES + padded + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(header, LENGTH_BYTES);
  file.fill(0x20, LENGTH_BYTES + header.length, LENGTH_BYTES + padded);
  let offset = LENGTH_BYTES + padded;
  for (const [, { bytes }] of sorted) {
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}

/** Written by hand, since an object cannot hold a key named `__proto__` by plain assignment. */
function toJsonObject(texts: ReadonlyMap<string, string>): string {
  return `{${[...texts].map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`;
}
