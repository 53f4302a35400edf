import { LINEAR_NAMES, type ModelConfig } from './checkpoint.ts';

/** `[out, in]` of a linear matrix by its name within a layer; undefined for any other name. */
export function linearShape(config: ModelConfig, name: string): readonly [out: number, inputs: number] | undefined {
  const { hiddenSize, intermediateSize, numHeads, numKvHeads, headDim } = config;
  const shapes: Readonly<Record<(typeof LINEAR_NAMES)[number], readonly [number, number]>> = {
    'self_attn.q_proj': [numHeads * headDim, hiddenSize],
    'self_attn.k_proj': [numKvHeads * headDim, hiddenSize],
    'self_attn.v_proj': [numKvHeads * headDim, hiddenSize],
    'self_attn.o_proj': [hiddenSize, numHeads * headDim],
    'mlp.gate_proj': [intermediateSize, hiddenSize],
    'mlp.up_proj': [intermediateSize, hiddenSize],
    'mlp.down_proj': [hiddenSize, intermediateSize],
  };
  const known = LINEAR_NAMES.find((linear) => linear === name);
  return known === undefined ? undefined : shapes[known];
}

/** Every tensor that a checkpoint of these sizes has, by its Hugging Face name, with its shape. */
export function tensorShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { vocabSize, hiddenSize } = config;
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabSize, hiddenSize]]]);
  for (let i = 0; i < config.numLayers; i++) {
    shapes.set(`model.layers.${i}.input_layernorm.weight`, [hiddenSize]);
    for (const name of LINEAR_NAMES) {
      shapes.set(`model.layers.${i}.${name}.weight`, linearShape(config, name) ?? []);
    }
    shapes.set(`model.layers.${i}.post_attention_layernorm.weight`, [hiddenSize]);
  }
  shapes.set('model.norm.weight', [hiddenSize]);
  if (!config.tieWordEmbeddings) shapes.set('lm_head.weight', [vocabSize, hiddenSize]);
  return shapes;
}
