import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { type Adapter, expectField, expectOnly, type RepairMethod, takeTensor, wholeField } from './adapter.ts';
import type { SoftPrompt } from './repair.ts';

/** The name of the one tensor in PEFT's prompt and prefix adapters. */
export const EMBEDDINGS = 'prompt_embeddings';

export const prompt: RepairMethod<SoftPrompt> = {
  peftType: 'PROMPT_TUNING',
  parse: parsePrompt,
};

/** Prompt tuning (Lester et al. 2021, arXiv 2104.08691): a PEFT `PROMPT_TUNING` adapter for a model; throws `repair-invalid`. */
function parsePrompt({ fields, tensors }: Adapter, config: ModelConfig): SoftPrompt {
  const numVectors = wholeField(fields, 'num_virtual_tokens', config.maxPositions);
  expectField(fields, 'token_dim', config.hiddenSize);
  expectField(fields, 'num_layers', config.numLayers);
  expectField(fields, 'num_transformer_submodules', 1);
  expectOnly(tensors, new Set([EMBEDDINGS]));
  return { kind: 'prompt', vectors: takeTensor(tensors, EMBEDDINGS, [numVectors, config.hiddenSize]) };
}
