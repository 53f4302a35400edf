import type { Variant, VariantMatrix } from '../core/compress/variant.ts';

/** Share of masks or codes that two variants of one recipe choose alike; matrices without either are left out. */
export function shareAlike(one: Variant, other: Variant): number {
  let same = 0;
  let all = 0;
  for (const [module, matrix] of one.matrices) {
    const choices = choicesOf(matrix);
    const others = choicesOf(other.matrices.get(module));
    all += choices.length;
    same += choices.filter((choice, i) => choice === others[i]).length;
  }
  return same / all;
}

/** The codes of a matrix, or the mask of a dense one; empty where it has neither. */
export function choicesOf(matrix: VariantMatrix | undefined): Uint8Array {
  return (matrix?.kind === 'quantized' ? matrix.codes : matrix?.mask) ?? new Uint8Array();
}
