import { AppError } from '../errors.ts';
import { quote } from '../json.ts';
import { DTYPE_BYTES } from '../tensor/convert.ts';
import type { Dtype } from '../tensor/tensor.ts';
import { LENGTH_BYTES } from './parse.ts';

/** The header is padded with spaces to a multiple of this, so that every dtype's data is aligned, as upstream writes it. */
const HEADER_ALIGNMENT = 8;

/** A tensor to write: `bytes` little-endian, row-major, or a function that makes them once they are written. */
export interface TensorToStore {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array | (() => Uint8Array);
}

type Tensors = ReadonlyMap<string, TensorToStore>;
type Metadata = ReadonlyMap<string, string>;

/** A safetensors file of these tensors, widest dtypes first and then by name; throws `input-invalid` where bytes and shape differ. */
export function buildSafetensors(tensors: Tensors, metadata: Metadata = new Map()): Uint8Array<ArrayBuffer> {
  const { header, sorted, sizeBytes } = layOut(tensors, metadata);
  const file = new Uint8Array(sizeBytes);
  file.set(header);
  let offset = header.length;
  for (const [name, tensor] of sorted) {
    const bytes = typeof tensor.bytes === 'function' ? tensor.bytes() : tensor.bytes;
    const needed = toSize(tensor);
    if (bytes.length !== needed) {
      throw new AppError(
        'input-invalid',
        `Tensor ${quote(name)} cannot be stored: it has ${bytes.length} bytes, where ${tensor.dtype} of shape [${tensor.shape.join(', ')}] needs ${needed}.`,
        { field: name, observed: bytes.length, allowed: needed },
      );
    }
    file.set(bytes, offset);
    offset += needed;
  }
  return file;
}

/** Bytes of the file that `buildSafetensors` would make; no tensor's bytes are made for it. */
export function safetensorsSize(tensors: Tensors, metadata: Metadata = new Map()): number {
  return layOut(tensors, metadata).sizeBytes;
}

function layOut(tensors: Tensors, metadata: Metadata) {
  const sorted = [...tensors].sort(([a, x], [b, y]) => DTYPE_BYTES[y.dtype] - DTYPE_BYTES[x.dtype] || (a < b ? -1 : 1));
  const entries: string[] = [];
  if (metadata.size > 0) entries.push(`"__metadata__":${toJsonObject(metadata)}`);
  let dataBytes = 0;
  for (const [name, tensor] of sorted) {
    if (name === '__metadata__') {
      const message = 'No tensor can be named "__metadata__", which is what safetensors calls its notes.';
      throw new AppError('input-invalid', message, { field: name });
    }
    const { dtype, shape } = tensor;
    const end = dataBytes + toSize(tensor);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [dataBytes, end] })}`);
    dataBytes = end;
  }
  const text = new TextEncoder().encode(`{${entries.join(',')}}`);
  const padded = Math.ceil(text.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const header = new Uint8Array(LENGTH_BYTES + padded).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(padded), true);
  header.set(text, LENGTH_BYTES);
  return { header, sorted, sizeBytes: header.length + dataBytes };
}

function toSize({ dtype, shape }: TensorToStore): number {
  return shape.reduce((size, length) => size * length, DTYPE_BYTES[dtype]);
}

/** Written by hand, since an object cannot hold a key named `__proto__` by plain assignment. */
function toJsonObject(texts: Metadata): string {
  return `{${[...texts].map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`;
}
