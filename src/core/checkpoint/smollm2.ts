import type { ModelConfig } from './checkpoint.ts';

/** Sizes of SmolLM2-135M (`config.json` of HuggingFaceTB/SmolLM2-135M): a small model whose weights, unlike those of Atlas, count beside its dispatches. */
export const SMOLLM2_135M: ModelConfig = {
  vocabSize: 49_152,
  hiddenSize: 576,
  intermediateSize: 1536,
  numLayers: 30,
  numHeads: 9,
  numKvHeads: 3,
  headDim: 64,
  ropeTheta: 100_000,
  normEps: 1e-5,
  tieWordEmbeddings: true,
  maxPositions: 8192,
  bosTokenId: 0,
  eosTokenId: 0,
};
