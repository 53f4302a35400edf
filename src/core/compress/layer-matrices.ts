import { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { Matrices } from './method.ts';
import type { VariantMatrix } from './variant.ts';

type LinearName = (typeof LINEAR_NAMES)[number];

/** The seven matrices of a layer. */
export function matricesOf(matrices: Matrices, layer: number): Map<string, VariantMatrix> {
  return new Map(
    LINEAR_NAMES.map((name) => {
      const module = `model.layers.${layer}.${name}`;
      const matrix = matrices.get(module);
      if (matrix === undefined) throw new AppError('internal', `There is no matrix ${module}.`, { module });
      return [module, matrix];
    }),
  );
}

/** The matrix of a name within its layer, with its module; `matrices` are those of one layer. */
export function entryOf(matrices: Matrices, name: LinearName): readonly [module: string, matrix: VariantMatrix] {
  for (const entry of matrices) if (entry[0].endsWith(`.${name}`)) return entry;
  throw new AppError('internal', `The layer has no matrix ${name}.`, { module: name });
}
