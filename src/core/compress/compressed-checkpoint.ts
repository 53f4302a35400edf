import { type Checkpoint, embeddingModules, LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { type KeptUnits, type LayerShape, toLayerShape } from '../checkpoint/layer-shape.ts';
import { linearShape } from '../checkpoint/shapes.ts';
import { AppError } from '../errors.ts';
import { parseJson, quote } from '../json.ts';
import { buildSafetensors, type TensorToStore } from '../safetensors/build.ts';
import { parseSafetensors } from '../safetensors/parse.ts';
import { toVariant } from './apply-recipe.ts';
import { methodOf } from './methods.ts';
import { parseRecipe } from './parse-recipe.ts';
import { parseStoredEmbedding, parseStoredMatrix } from './parse-stored-matrix.ts';
import type { Recipe } from './recipe.ts';
import { isSameRecipe } from './recipe-key.ts';
import { keptNames, storedNames, toKeptTensors, toStoredTensors } from './stored-matrix.ts';
import { StoredTensors } from './stored-tensors.ts';
import type { Variant } from './variant.ts';

/** Key of the safetensors notes under which the recipe stands as JSON. */
const RECIPE_KEY = 'recipe';

/**
 * The variant in a compressed checkpoint (`docs/pack-format.md`): matrices that `recipe` changes come from the file, all else
 * from `checkpoint`, which the recipe was applied to. Throws `safetensors-invalid`, `pack-invalid` where the file is of another
 * recipe, and `checkpoint-invalid` with tensor, observed and allowed.
 */
export function parseCompressedCheckpoint(bytes: Uint8Array, checkpoint: Checkpoint, recipe: Recipe): Variant {
  const file = parseSafetensors(bytes);
  checkSameRecipe(file.metadata.get(RECIPE_KEY), recipe);
  const stored = new StoredTensors(file.tensors);
  const whole = toVariant(checkpoint);
  const matrices = new Map(whole.matrices);
  const { config } = checkpoint;
  const layers = whole.layers.map((layer, i) => parseLayerShape(stored, i, layer, recipe));
  for (const [i, shape] of layers.entries()) {
    for (const name of LINEAR_NAMES) {
      const module = `model.layers.${i}.${name}`;
      const size = linearShape({ ...config, ...shape }, name) ?? [0, 0];
      const matrix = parseStoredMatrix(stored, module, size, recipe);
      if (matrix !== null) matrices.set(module, matrix);
      else if (size.join() !== matrices.get(module)?.shape.join()) stored.takeFloats(storedNames(module).weight, size);
    }
  }
  const embeddings = parseEmbeddings(stored, checkpoint, recipe);
  stored.checkEmpty();
  return { checkpoint, layers, matrices, embeddings };
}

/** The embeddings, and a head of its own, where the recipe rounds them. */
function parseEmbeddings(stored: StoredTensors, { config }: Checkpoint, recipe: Recipe): Variant['embeddings'] {
  const shape = [config.vocabSize, config.hiddenSize] as const;
  return new Map(
    embeddingModules(config).flatMap((module) => {
      const table = parseStoredEmbedding(stored, module, shape, recipe);
      return table === null ? [] : [[module, table] as const];
    }),
  );
}

/** The units of a layer that are left, where the recipe removes some. */
function parseLayerShape(stored: StoredTensors, layer: number, whole: LayerShape, { steps }: Recipe): LayerShape {
  const names = keptNames(layer);
  const take = (units: keyof KeptUnits, count: number) => {
    const isRemoving = steps.map(methodOf).some((method) => method.kind === 'structured' && method.units === units);
    return isRemoving ? stored.takeIndices(names[units], count) : null;
  };
  const neurons = take('neurons', whole.intermediateSize);
  return toLayerShape(whole, { neurons, kvHeads: take('kvHeads', whole.numKvHeads) });
}

/** A variant's linear matrices and rounded embeddings as a safetensors file with the recipe in its notes; `dtype` is that of dense and kept values. */
export function buildCompressedCheckpoint(
  variant: Variant,
  recipe: Recipe,
  dtype: 'F16' | 'F32',
): Uint8Array<ArrayBuffer> {
  return buildSafetensors(toCompressedTensors(variant, dtype), toNotes(recipe));
}

/** The tensors of a variant's linear matrices and rounded embeddings by name, each in the encoding that its bytes are counted in, and the units that are left. */
export function toCompressedTensors(
  { layers, matrices, embeddings }: Variant,
  dtype: 'F16' | 'F32',
): Map<string, TensorToStore> {
  return new Map([
    ...[...matrices, ...embeddings].flatMap(([module, matrix]) => toStoredTensors(module, matrix, dtype)),
    ...layers.flatMap(({ kept }, layer) => toKeptTensors(layer, kept)),
  ]);
}

/** The notes of a compressed checkpoint; `format` is what Hugging Face's readers ask for. */
export function toNotes(recipe: Recipe): ReadonlyMap<string, string> {
  return new Map([
    ['format', 'pt'],
    [RECIPE_KEY, JSON.stringify(recipe)],
  ]);
}

function checkSameRecipe(text: string | undefined, recipe: Recipe): void {
  const allowed = JSON.stringify(recipe);
  if (text !== undefined) {
    const json = parseJson(new TextEncoder().encode(text), 'the recipe in the file', 'pack-invalid');
    if (isSameRecipe(parseRecipe(json), recipe)) return;
  }
  const observed = text ?? 'none';
  throw new AppError(
    'pack-invalid',
    `The compressed checkpoint was made by the recipe ${quote(observed)}, where ${quote(allowed)} is asked for. Choose the file of this recipe.`,
    { field: RECIPE_KEY, observed, allowed },
  );
}
