import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import {
  type Adapter,
  expectField,
  expectOnly,
  type RepairMethod,
  refuseRepair,
  takeTensor,
  toAdapterTensor,
  wholeField,
} from './adapter.ts';
import { EMBEDDINGS } from './prompt.ts';
import type { KeyValue, Prefix } from './repair.ts';

export const prefix: RepairMethod<Prefix> = {
  peftType: 'PREFIX_TUNING',
  parse: parsePrefix,
};

/**
 * Prefix tuning (Li and Liang 2021, arXiv 2101.00190): a PEFT `PREFIX_TUNING` adapter for a model; throws `repair-invalid`.
 * Its rows are as wide as the key/value heads of all layers, or, in older files, as all heads: those are taken where the
 * heads of each group agree, since a model with grouped heads cannot give them different keys.
 */
function parsePrefix({ fields, tensors }: Adapter, config: ModelConfig): Prefix {
  const { numLayers, numHeads, numKvHeads, headDim } = config;
  const numVectors = wholeField(fields, 'num_virtual_tokens', config.maxPositions);
  expectField(fields, 'token_dim', numKvHeads * headDim, numHeads * headDim);
  expectField(fields, 'num_layers', numLayers);
  expectField(fields, 'num_attention_heads', numKvHeads, numHeads);
  expectField(fields, 'num_transformer_submodules', 1);
  expectOnly(tensors, new Set([EMBEDDINGS]));
  const stored = tensors.get(EMBEDDINGS);
  const fullWidth = 2 * numLayers * numHeads * headDim;
  if (stored?.shape[1] === fullWidth && stored.shape.length === 2 && stored.shape[0] === numVectors) {
    const { data } = toAdapterTensor(EMBEDDINGS, stored);
    const layers = toLayers(data, numVectors, numLayers, numHeads, headDim);
    return { kind: 'prefix', numVectors, layers: layers.map((layer) => joinGroups(layer, numVectors, config)) };
  }
  const { data } = takeTensor(tensors, EMBEDDINGS, [numVectors, 2 * numLayers * numKvHeads * headDim]);
  return { kind: 'prefix', numVectors, layers: toLayers(data, numVectors, numLayers, numKvHeads, headDim) };
}

/** `view(n, 2 * layers, heads, headDim).permute(1, 2, 0, 3)`: slice 2i is layer i's keys, 2i + 1 its values. */
function toLayers(
  data: Float32Array<ArrayBuffer>,
  numVectors: number,
  numLayers: number,
  heads: number,
  headDim: number,
): KeyValue[] {
  const slice = (index: number) => {
    const result = new Float32Array(heads * numVectors * headDim); // [heads, n, headDim]
    for (let head = 0; head < heads; head++) {
      for (let vector = 0; vector < numVectors; vector++) {
        const from = ((vector * 2 * numLayers + index) * heads + head) * headDim;
        result.set(data.subarray(from, from + headDim), (head * numVectors + vector) * headDim);
      }
    }
    return result;
  };
  return Array.from({ length: numLayers }, (_, i) => ({ keys: slice(2 * i), values: slice(2 * i + 1) }));
}

/** Full-width heads `[numHeads, n, headDim]` as key/value heads; refused where the heads of a group differ. */
function joinGroups(layer: KeyValue, numVectors: number, { numHeads, numKvHeads, headDim }: ModelConfig): KeyValue {
  const perGroup = numHeads / numKvHeads;
  const size = numVectors * headDim;
  const join = (heads: Float32Array<ArrayBuffer>) => {
    const result = new Float32Array(numKvHeads * size);
    for (let head = 0; head < numHeads; head++) {
      const part = heads.subarray(head * size, (head + 1) * size);
      const group = Math.floor(head / perGroup);
      if (head % perGroup === 0) result.set(part, group * size);
      else if (part.some((value, i) => value !== result[group * size + i])) {
        refuseRepair(
          EMBEDDINGS,
          `of full width with its own keys for each of ${numHeads} heads`,
          `${numKvHeads} heads`,
        );
      }
    }
    return result;
  };
  return { keys: join(layer.keys), values: join(layer.values) };
}
