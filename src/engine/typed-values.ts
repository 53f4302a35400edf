import type { ElementType } from '../core/onnx/graph.ts';

/** Values of a tensor on our side. */
export type TypedValues = Float32Array | Float64Array | Uint8Array | Int32Array | BigInt64Array;

/** Types of values that stay between runs; no GPU holds float64. */
export type OwnedType = Exclude<ElementType, 'float64'>;

/** Bytes of one value. */
export const VALUE_BYTES = { float32: 4, uint8: 1, int32: 4, int64: 8 } as const;

/** `count` values that lie at the start of `bytes`. */
export function viewValues(type: OwnedType, bytes: ArrayBuffer, count: number): TypedValues {
  switch (type) {
    case 'float32':
      return new Float32Array(bytes, 0, count);
    case 'uint8':
      return new Uint8Array(bytes, 0, count);
    case 'int32':
      return new Int32Array(bytes, 0, count);
    case 'int64':
      return new BigInt64Array(bytes, 0, count);
    default:
      return type satisfies never;
  }
}

/** Number of values in a shape. */
export function countValues(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
