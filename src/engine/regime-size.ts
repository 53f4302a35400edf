import { variantSize } from '../core/compress/size.ts';
import type { Variant } from '../core/compress/variant.ts';
import type { RegimeSize } from './protocol.ts';

/** Bytes of one repair parameter as it is stored (F16). */
export const PARAMETER_BYTES = 2;

/** Sizes of a regime: its variant as a compressed checkpoint stores it, dense values in F16, and the repair's parameters kept apart. */
export function toRegimeSize(
  variant: Variant,
  runtimeBytes: number,
  extraParameters: number,
  repairParameters: number,
): RegimeSize {
  const { storedBytes, sparsity, bitsPerWeight } = variantSize(variant, 'F16');
  return {
    storedBytes: storedBytes + extraParameters * PARAMETER_BYTES,
    runtimeBytes,
    sparsity,
    bitsPerWeight,
    extraParameters,
    repairParameters,
  };
}
