/** A run of float32 weights seen as their 32 bits. */
export interface WeightRange {
  words: Uint32Array; // the bits of the weights
  start: number;
  end: number;
}

/** Which weights are the smallest: all below `threshold`, and the first `ties` that equal it (bits without the sign). */
export interface Threshold {
  threshold: number;
  ties: number;
}

/** The bits of float32 weights; without the sign bit they order as the absolute values do. */
export function toWords(weight: Float32Array<ArrayBuffer>): Uint32Array {
  return new Uint32Array(weight.buffer, weight.byteOffset, weight.length);
}

const ABSOLUTE = 0x7fffffff;
const DIGIT_BITS = 8;
const counts = new Uint32Array(2 ** DIGIT_BITS);

/**
 * Where the `count` weights smallest in absolute value end; 1 <= count <= number of weights.
 * Radix selection, four passes of one byte each: linear in the number of weights whatever they hold, no copy, no sort.
 */
export function selectSmallest(ranges: readonly WeightRange[], count: number): Threshold {
  let threshold = 0;
  let known = 0; // mask of the bits decided so far
  let left = count;
  for (let shift = 32 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
    counts.fill(0);
    for (const range of ranges) countDigits(range, threshold, known, shift);
    let digit = 0;
    while (left > (counts[digit] ?? 0)) {
      left -= counts[digit] ?? 0;
      digit += 1;
    }
    threshold |= digit << shift;
    known |= 0xff << shift;
  }
  return { threshold, ties: left };
}

/** Counts the byte at `shift` of all weights whose bits under `known` equal `prefix`. */
function countDigits({ words, start, end }: WeightRange, prefix: number, known: number, shift: number): void {
  for (let i = start; i < end; i++) {
    const word = (words[i] ?? 0) & ABSOLUTE;
    if ((word & known) === prefix) {
      const digit = (word >>> shift) & 0xff;
      counts[digit] = (counts[digit] ?? 0) + 1;
    }
  }
}

/**
 * Clears the mask of the weights that a threshold removes in one range; `ties` of them may equal it, lower indices first.
 * Returns the ties that are left for the next range.
 */
export function clearSmallest(range: WeightRange, { threshold, ties }: Threshold, mask: Uint8Array): number {
  const { words, start, end } = range;
  let left = ties;
  for (let i = start; i < end; i++) {
    const word = (words[i] ?? 0) & ABSOLUTE;
    if (word < threshold) {
      mask[i] = 0;
    } else if (word === threshold && left > 0) {
      mask[i] = 0;
      left -= 1;
    }
  }
  return left;
}
