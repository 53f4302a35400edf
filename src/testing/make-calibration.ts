import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import type { Gram, LayerInputs, TapInputs } from '../core/compress/calibration.ts';
import type { LayerOptions, Matrices } from '../core/compress/method.ts';
import { methodOf } from '../core/compress/methods.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { RecipeStep } from '../core/compress/recipe.ts';
import type { DenseMatrix, Variant, VariantMatrix } from '../core/compress/variant.ts';
import { plainAlgebra } from '../core/linear-algebra/plain-algebra.ts';
import { normal, seededRandom } from '../core/random.ts';
import { createPlainCalibration } from '../core/reference/calibration.ts';

/** What a recipe of these steps makes of a checkpoint that is stored in `dtype` and calibrated on these ids, by plain loops alone. */
export function compressPlainly(
  checkpoint: Checkpoint,
  samples: readonly (readonly number[])[],
  steps: readonly unknown[],
  dtype: LayerOptions['dtype'] = 'F32',
): Promise<Variant> {
  const source = createPlainCalibration(checkpoint, () => samples);
  const calibrator = { source, algebra: plainAlgebra, dtype };
  return applyRecipe(checkpoint, parseRecipe({ version: 1, steps }), { calibrator });
}

/** What one layer's matrices become by these steps, given what they read. */
export async function compressLayer(
  matrices: Matrices,
  inputs: LayerInputs,
  steps: readonly RecipeStep[],
  dtype: LayerOptions['dtype'] = 'F32',
  algebra: LayerOptions['algebra'] = plainAlgebra,
): Promise<Map<string, VariantMatrix>> {
  const result = new Map(matrices);
  const options = { algebra, dtype, pause: async () => undefined };
  for (const step of steps) {
    const method = methodOf(step);
    const before = new Map(result);
    if (method.kind === 'weights') for (const change of method.apply(before, step)) result.set(...change);
    else if (method.kind === 'calibrated' && 'calibration' in step) {
      for await (const change of method.applyLayer(before, inputs, step, options)) result.set(...change);
    }
  }
  return result;
}

/** What is gathered of seeded random activations `[tokens, size]` whose inputs differ in size and hang together. */
export function makeGram(size: number, seed: number, tokens = 2 * size): TapInputs {
  const random = seededRandom(seed);
  const data = new Float64Array(size * size);
  const magnitudes = new Float64Array(size);
  for (let token = 0; token < tokens; token++) {
    const common = normal(random);
    const x = Float64Array.from({ length: size }, (_, j) => (1 + (j % 5)) * (normal(random) + 0.5 * common));
    for (let i = 0; i < size; i++) {
      magnitudes[i] = (magnitudes[i] ?? 0) + Math.abs(x[i] ?? 0) / tokens;
      for (let j = 0; j < size; j++) data[i * size + j] = (data[i * size + j] ?? 0) + (x[i] ?? 0) * (x[j] ?? 0);
    }
  }
  return { size, data, magnitudes };
}

/** A Gram matrix alone, for methods that look at no magnitudes: there they would find no numbers. */
export function withoutMagnitudes(gram: Gram): TapInputs {
  return { ...gram, magnitudes: new Float64Array(gram.size).fill(Number.NaN) };
}

/** A dense matrix of seeded normal weights. */
export function makeMatrix(shape: readonly [out: number, inputs: number], seed: number): DenseMatrix {
  const random = seededRandom(seed);
  const weight = Float32Array.from({ length: shape[0] * shape[1] }, () => normal(random));
  return { kind: 'dense', shape, weight, mask: null, pattern: null };
}
