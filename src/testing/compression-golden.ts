import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import type { Gram, LayerInputs, Tap, TapInputs } from '../core/compress/calibration.ts';
import type { Matrices } from '../core/compress/method.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { RecipeStep } from '../core/compress/recipe.ts';
import { parseJson } from '../core/json.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';

/** One layer of a model, and what PyTorch makes of it; `fixtures/compression`. */
export interface CompressionGolden {
  /** What the layer's matrices read. */
  inputs: LayerInputs;
  cases: ReadonlyMap<string, CompressionCase>;
  /** A golden tensor by its name, such as `gptq/model.layers.1.mlp.up_proj/scales`; empty where the case has none. */
  tensor(name: string): Float32Array<ArrayBuffer>;
}

export interface CompressionCase {
  /** The matrices that are compressed together, as they were. */
  matrices: Matrices;
  /** The step that the case is named after is the last. */
  steps: readonly RecipeStep[];
}

/** The answers in `<model>.safetensors` and `golden.json`, on a layer of the model's checkpoint. */
export function toCompressionGolden(
  model: 'tiny' | 'atlas',
  checkpoint: Checkpoint,
  files: { tensors: Uint8Array<ArrayBuffer>; json: Uint8Array<ArrayBuffer> },
): CompressionGolden {
  const { tensors } = parseSafetensors(files.tensors);
  const json = parseJson(files.json, 'golden.json', 'input-invalid') as {
    parts: Record<string, readonly { modules: readonly string[]; cases: readonly string[] }[]>;
    cases: Record<string, readonly unknown[]>;
  };
  const tensor = (name: string) => {
    const stored = tensors.get(name);
    return stored === undefined ? new Float32Array() : toTensor(stored).data;
  };
  const all = [...toVariant(checkpoint).matrices];
  const cases = new Map<string, CompressionCase>();
  for (const { modules, cases: names } of json.parts[model] ?? []) {
    const matrices = new Map(all.filter(([module]) => modules.includes(module)));
    for (const name of names) {
      cases.set(name, { matrices, steps: parseRecipe({ version: 1, steps: json.cases[name] }).steps });
    }
  }
  const taps: readonly Tap[] = ['attn', 'o', 'mlp', 'down'];
  const toInputs = (tap: Tap): TapInputs => ({
    ...fromTriangle(tensor(`gram/${tap}`)),
    magnitudes: Float64Array.from(tensor(`magnitudes/${tap}`)),
  });
  return { inputs: new Map(taps.map((tap) => [tap, toInputs(tap)])), cases, tensor };
}

/** The symmetric matrix whose upper triangle lies there row by row. */
function fromTriangle(triangle: Float32Array): Gram {
  const size = Math.floor(Math.sqrt(2 * triangle.length));
  const data = new Float64Array(size * size);
  let at = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = triangle[at++] ?? 0;
      data[i * size + j] = value;
      data[j * size + i] = value;
    }
  }
  return { size, data };
}
