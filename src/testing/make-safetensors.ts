import { type Random, seededRandom } from '../core/random.ts';
import { buildSafetensors, type TensorToStore } from '../core/safetensors/build.ts';
import { fromFloat32 } from '../core/tensor/convert.ts';
import type { Tensor } from '../core/tensor/tensor.ts';

/** A safetensors file of these tensors in one dtype. */
export function makeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  dtype: 'F32' | 'F16' | 'BF16' = 'F32',
  metadata: ReadonlyMap<string, string> = new Map([['format', 'pt']]),
): Uint8Array<ArrayBuffer> {
  const stored = new Map<string, TensorToStore>();
  for (const [name, { shape, data }] of tensors) stored.set(name, { dtype, shape, bytes: fromFloat32(data, dtype) });
  return buildSafetensors(stored, metadata);
}

/** A file of any header text and data, valid or not; `length` stands in for the header's own where a test wants a lie. */
export function makeRawSafetensors(
  header: string | Uint8Array,
  dataBytes: number,
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

/** A damaged copy: by the seed, one to four bytes flipped, set, removed or inserted, the file cut, or a piece of it repeated. */
export function mutateBytes(bytes: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  let result = new Uint8Array(bytes);
  const times = 1 + random.integer(4);
  for (let i = 0; i < times; i++) result = mutateOnce(result, random);
  return result;
}

function mutateOnce(bytes: Uint8Array<ArrayBuffer>, random: Random): Uint8Array<ArrayBuffer> {
  const at = random.integer(Math.max(1, bytes.length));
  switch (random.integer(6)) {
    case 0: // one bit
      return replace(bytes, at, 1, [(bytes[at] ?? 0) ^ (1 << random.integer(8))]);
    case 1: // one byte
      return replace(bytes, at, 1, [random.integer(256)]);
    case 2: // removed
      return replace(bytes, at, 1 + random.integer(16), []);
    case 3: // inserted
      return replace(bytes, at, 0, [random.integer(256)]);
    case 4: // cut short
      return bytes.slice(0, at);
    default: // a piece repeated
      return replace(bytes, at, 0, bytes.slice(at, at + random.integer(64)));
  }
}

function replace(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  count: number,
  by: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const rest = bytes.subarray(Math.min(bytes.length, at + count));
  const result = new Uint8Array(at + by.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(by, at);
  result.set(rest, at + by.length);
  return result;
}
