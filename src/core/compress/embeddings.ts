import { embeddingModules } from '../checkpoint/checkpoint.ts';
import { AppError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { dequantize, quantize } from './grid.ts';
import type { RecipeStep } from './recipe.ts';
import { embeddingGridOf } from './rounding-options.ts';
import type { QuantizedMatrix, Variant } from './variant.ts';

/** The weights `[vocabSize, hiddenSize]` of the embeddings, or of a head of its own, as a variant has them; throws `checkpoint-invalid`. */
export function embeddingOf({ checkpoint, embeddings }: Omit<Variant, 'layers' | 'matrices'>, module: string): Tensor {
  const rounded = embeddings.get(module);
  if (rounded !== undefined) return { shape: rounded.shape, data: dequantize(rounded) };
  const tensor = checkpoint.tensors.get(`${module}.weight`);
  if (tensor !== undefined) return tensor;
  throw new AppError('checkpoint-invalid', `The checkpoint lacks the weight of ${module}.`, { field: module });
}

/**
 * The embeddings, and a head of its own, on the grid that a step asks for, one at a time; none where it asks for no such. A lookup has no
 * activations to look at, so they are rounded to nearest whatever the step's method; the variant is not mutated.
 */
export function* roundEmbeddings(
  variant: Variant,
  step: RecipeStep,
): Generator<readonly [module: string, table: QuantizedMatrix]> {
  const grid = 'bits' in step ? embeddingGridOf(step) : null;
  if (grid === null) return;
  for (const module of embeddingModules(variant.checkpoint.config)) {
    const { shape, data } = embeddingOf(variant, module);
    yield [module, quantize(data, [shape[0] ?? 0, shape[1] ?? 0], grid)];
  }
}
