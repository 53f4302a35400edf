import { PATTERNS } from './pruning-amount.ts';
import type { QuantizedMatrix } from './variant.ts';

/** Which codes of a rounded matrix are stored, and how a reader tells where they stand; `kept` `[out, in]` is 1 where one is. */
export type CodeEncoding =
  | { kind: 'all'; sizeBytes: number }
  /** The kept codes, and one bit a weight. */
  | { kind: 'mask'; kept: Uint8Array<ArrayBuffer>; sizeBytes: number }
  /** The kept codes, and the place of each in its group of `of` neighbours. */
  | { kind: 'places'; kept: Uint8Array<ArrayBuffer>; of: number; sizeBytes: number };

/**
 * The smallest encoding of a matrix's codes: all of them; or, where a step pruned, those that are not zero behind a mask of
 * them; or, where the mask follows N:M, those of the pattern and their places. Of equal ones the first. A mask of what is
 * not zero leaves out what rounding made zero too; without pruning no mask is tried, since readers take what it clears for pruned.
 */
export function toCodeEncoding(matrix: QuantizedMatrix): CodeEncoding {
  const { codes, bits, mask, pattern } = matrix;
  let smallest: CodeEncoding = { kind: 'all', sizeBytes: toBytes(codes.length, bits) };
  if (mask === null) return smallest;
  if (pattern !== null) {
    const { kept: inGroup, of } = PATTERNS[pattern];
    const count = (mask.length / of) * inGroup;
    const sizeBytes = toBytes(count, Math.log2(of)) + toBytes(count, bits);
    if (sizeBytes < smallest.sizeBytes) smallest = { kind: 'places', kept: mask, of, sizeBytes };
  }
  const kept = toNonZeros(matrix);
  const sizeBytes = toBytes(kept.length, 1) + toBytes(countOnes(kept), bits);
  return sizeBytes < smallest.sizeBytes ? { kind: 'mask', kept, sizeBytes } : smallest;
}

/** Mask `[out, in]` of a rounded matrix: 1 where a code is not its group's zero point, which is the weight 0. */
export function toNonZeros({
  codes,
  zeroPoints,
  groupSize,
}: Pick<QuantizedMatrix, 'codes' | 'zeroPoints' | 'groupSize'>): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(codes.length);
  for (let i = 0; i < mask.length; i++) mask[i] = codes[i] === zeroPoints[Math.floor(i / groupSize)] ? 0 : 1;
  return mask;
}

/** How many weights a mask keeps. */
export function countOnes(mask: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i] ?? 0;
  return ones;
}

/** Bytes of a stream of `count` values. */
function toBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}
