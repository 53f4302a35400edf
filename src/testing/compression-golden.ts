import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { toVariant } from '../core/compress/apply-recipe.ts';
import type { Gram, LayerInputs, Tap } from '../core/compress/calibration.ts';
import type { Matrices } from '../core/compress/method.ts';
import { parseRecipe } from '../core/compress/parse-recipe.ts';
import type { RecipeStep } from '../core/compress/recipe.ts';
import { parseJson } from '../core/json.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';

/** One layer of a model, and what PyTorch makes of it by calibrated steps; `fixtures/compression`. */
export interface CompressionGolden {
  /** The matrices that every case compresses, as they were. */
  matrices: Matrices;
  inputs: LayerInputs;
  /** The steps of each case, the calibrated one last. */
  cases: ReadonlyMap<string, readonly RecipeStep[]>;
  /** A golden tensor by its name, such as `gptq/model.layers.1.mlp.up_proj/codes`; empty where the case has none. */
  tensor(name: string): Float32Array<ArrayBuffer>;
}

/** The answers in `<model>.safetensors` and `golden.json`, on a layer of the model's checkpoint. */
export function toCompressionGolden(
  model: 'tiny' | 'atlas',
  checkpoint: Checkpoint,
  files: { tensors: Uint8Array<ArrayBuffer>; json: Uint8Array<ArrayBuffer> },
): CompressionGolden {
  const { tensors } = parseSafetensors(files.tensors);
  const json = parseJson(files.json, 'golden.json', 'input-invalid') as {
    modules: Record<string, readonly string[]>;
    cases: Record<string, readonly unknown[]>;
  };
  const own = new Set(json.modules[model]);
  const inputs = new Map<Tap, Gram>();
  for (const tap of ['attn', 'o', 'mlp', 'down'] as const) {
    const stored = tensors.get(`gram/${tap}`);
    if (stored === undefined) continue;
    inputs.set(tap, { size: stored.shape[0] ?? 0, data: new Float64Array(new Uint8Array(stored.bytes).buffer) });
  }
  return {
    matrices: new Map([...toVariant(checkpoint).matrices].filter(([module]) => own.has(module))),
    inputs,
    cases: new Map(Object.entries(json.cases).map(([name, steps]) => [name, parseRecipe({ version: 1, steps }).steps])),
    tensor: (name) => {
      const stored = tensors.get(name);
      return stored === undefined ? new Float32Array() : toTensor(stored).data;
    },
  };
}
