import { parseWeight } from '../checkpoint/parse.ts';
import { AppError } from '../errors.ts';
import { quote } from '../json.ts';
import type { StoredTensor } from '../safetensors/parse.ts';
import { unpackBits } from './pack-bits.ts';

/** The tensors of a compressed checkpoint, each taken once; every refusal is a `checkpoint-invalid` with tensor, observed and allowed. */
export class StoredTensors {
  private readonly tensors: Map<string, StoredTensor>;

  constructor(tensors: ReadonlyMap<string, StoredTensor>) {
    this.tensors = new Map(tensors);
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** Elements of a tensor; 0 where there is none. */
  lengthOf(name: string): number {
    return this.tensors.get(name)?.shape.reduce((product, length) => product * length, 1) ?? 0;
  }

  /** Finite values of an F16 or F32 tensor and which of the two it is. */
  takeFloats(name: string, shape: readonly number[]): { dtype: 'F16' | 'F32'; data: Float32Array<ArrayBuffer> } {
    const stored = this.take(name, shape);
    const { dtype } = stored;
    if (dtype !== 'F16' && dtype !== 'F32') return refuseStored(name, 'has dtype', dtype, 'F16 or F32');
    return { dtype, data: parseWeight(name, stored, shape).data };
  }

  /** Finite values above zero, such as scales. */
  takeScales(name: string, shape: readonly number[]): { dtype: 'F16' | 'F32'; data: Float32Array<ArrayBuffer> } {
    const scales = this.takeFloats(name, shape);
    const bad = scales.data.findIndex((value) => value <= 0);
    if (bad !== -1) refuseStored(name, `holds at element ${bad}`, String(scales.data[bad]), 'a number above 0');
    return scales;
  }

  /** `count` values of `bits` bits out of a U8 stream, whose last byte is padded with zeros. */
  takeStream(name: string, bits: number, count: number): Uint8Array<ArrayBuffer> {
    const { dtype, bytes } = this.take(name, [Math.ceil((count * bits) / 8)]);
    if (dtype !== 'U8') refuseStored(name, 'has dtype', dtype, 'U8');
    const used = (count * bits) % 8;
    const padding = used === 0 ? 0 : (bytes.at(-1) ?? 0) >>> used;
    if (padding !== 0) refuseStored(name, 'is padded with', String(padding), '0');
    return unpackBits(bytes, bits, count);
  }

  /** Ascending numbers from 0 to below `count`, at least one, out of an I32 tensor; null where there is none. */
  takeIndices(name: string, count: number): readonly number[] | null {
    if (!this.has(name)) return null;
    const { dtype, bytes } = this.take(name, [this.lengthOf(name)]);
    if (dtype !== 'I32') return refuseStored(name, 'has dtype', dtype, 'I32');
    const indices = [...new Int32Array(new Uint8Array(bytes).buffer)];
    if (indices.length === 0) refuseStored(name, 'has', 'no element', '1 at least');
    const bad = indices.findIndex((index, i) => index <= (indices[i - 1] ?? -1) || index >= count);
    if (bad !== -1) {
      const allowed = `a number above ${indices[bad - 1] ?? -1} and below ${count}`;
      refuseStored(name, `holds at element ${bad}`, String(indices[bad]), allowed);
    }
    return indices;
  }

  /** Refuses tensors that nothing took. */
  checkEmpty(): void {
    for (const name of this.tensors.keys())
      refuseStored(name, 'is', 'present', 'no tensor that the recipe does not call for');
  }

  private take(name: string, shape: readonly number[]): StoredTensor {
    const allowed = `[${shape.join(', ')}]`;
    const stored = this.tensors.get(name);
    if (stored === undefined) return refuseStored(name, 'is', 'missing', allowed);
    const observed = `[${stored.shape.join(', ')}]`;
    if (observed !== allowed) refuseStored(name, 'has shape', observed, allowed);
    this.tensors.delete(name);
    return stored;
  }
}

/** Throws `checkpoint-invalid` with the name of the tensor. */
export function refuseStored(name: string, what: string, observed: string, allowed: string): never {
  throw new AppError(
    'checkpoint-invalid',
    `Tensor ${quote(name)} of the compressed checkpoint ${what} ${observed}, where ${allowed} must stand. The file is damaged or of another model; fetch it again.`,
    { field: name.slice(0, 200), observed, allowed },
  );
}
