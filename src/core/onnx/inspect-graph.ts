import type { ModelConfig } from '../checkpoint/checkpoint.ts';
import { DECODER_INPUTS, type DecoderSpec, layerConfig } from './decoder-spec.ts';
import { type Dimension, GraphBuilder } from './graph.ts';
import { addDecoder, addHead, addRows, type DecoderEdits } from './llama-decoder.ts';

/** What the graphs here are made for: attention is plain, since a fused kernel shows no probabilities. */
export type InspectSpec = Pick<DecoderSpec, 'config' | 'format' | 'loraModules'>;

/** Tensors of a layer that the inspect graph hands out; `heads` is what `o_proj` reads. */
export const LAYER_TAPS = ['attention', 'residual', 'activations', 'heads'] as const;
export type LayerTap = (typeof LAYER_TAPS)[number];

/** The node values of each tap, in the order of the layers; the residual stream begins with the embeddings. */
const TAP_VALUES: Readonly<Record<LayerTap, (config: ModelConfig) => string[]>> = {
  attention: ofEveryLayer((layer) => `/model/layers.${layer}/attn/Softmax/output_0`),
  residual: (config) => [
    '/model/embed_tokens/Gather/output_0',
    ...ofEveryLayer((layer, { numLayers }) => {
      const norm = layer + 1 === numLayers ? 'final_norm_layernorm' : 'input_layernorm';
      return `/model/layers.${layer + 1}/${norm}/SkipLayerNorm/output_3`;
    })(config),
  ],
  activations: ofEveryLayer((layer) => `/model/layers.${layer}/mlp/Mul/output_0`),
  heads: ofEveryLayer((layer) => `/model/layers.${layer}/attn/heads/Reshape/output_0`),
};

/** Outputs of the inspect graph that belong to a tap. */
export function tapOutputs(tap: LayerTap, config: ModelConfig): readonly string[] {
  return TAP_VALUES[tap](config);
}

/** Output of the inspect graph: logits of the wanted rows after the embeddings and after every layer, `[(numLayers + 1) * R, vocabSize]`. */
export const LENS_OUTPUT = 'lens';

/**
 * A decoder whose taps are outputs, behind a past of any length; batch 1. The residual stream of every layer goes through the last norm and
 * the head (logit lens, nostalgebraist 2020), so that the last of those logits are the model's own:
 *
 *     embeddings ─ rows ─┐
 *     after layer 0 ─ rows ─ Concat ─ RMSNorm ─ head ─ lens
 *     ... ───────────────┘
 */
export function buildInspectGraph(spec: InspectSpec): Uint8Array<ArrayBuffer> {
  const { config } = spec;
  const graph = startGraph('inspect');
  addDecoder(graph, DECODER_INPUTS.ids, toPlain(spec), null);
  for (const tap of LAYER_TAPS) {
    for (const [i, name] of tapOutputs(tap, config).entries()) graph.output(name, 'float32', tapShape(tap, i, spec));
  }
  const stream = tapOutputs('residual', config).map((name, i) =>
    addRows(graph, `/lens/${i}`, name, DECODER_INPUTS.rows),
  );
  const stacked = graph.node('/lens/Concat', 'Concat', stream, { attributes: { axis: 0 } }); // [numLayers + 1, R, hiddenSize]
  // Its weight is declared already, by the norm behind the last layer.
  const normed = graph.node('/lens/LayerNorm', 'SimplifiedLayerNormalization', [stacked, DECODER_INPUTS.norm], {
    attributes: { epsilon: { float: config.normEps }, axis: -1, stash_type: 1 },
  });
  addLogits(graph, normed, config, { output: LENS_OUTPUT, rows: 'lensRows' });
  return graph.toModel();
}

/** Inputs of the patching graph by layer: a tensor `x` becomes `x * kept + added`. */
export function patchNames(target: keyof DecoderEdits, layer: number) {
  return { kept: `patch.${layer}.${target}.kept`, added: `patch.${layer}.${target}.added` } as const;
}

/** Output of the patching graph: logits of the wanted rows of every run, `[batch_size * R, vocabSize]`. */
export const PATCHED_OUTPUT = 'logits';

/**
 * A decoder that lets parts of another run stand in its own (activation patching): what `o_proj` reads, and the residual stream behind every
 * layer. `kept` and `added` broadcast to those, `[batch_size or 1, S or 1, width or 1]`; a one and a zero change nothing. Several runs go at once.
 */
export function buildPatchGraph(spec: InspectSpec): Uint8Array<ArrayBuffer> {
  const graph = startGraph('patch', 'batch_size');
  const edit = (target: keyof DecoderEdits) => (layer: number, x: string) => {
    const { kept, added } = patchNames(target, layer);
    const declare = (name: string) => graph.input(name, 'float32', [`${name}.runs`, `${name}.rows`, `${name}.width`]);
    const path = `/model/layers.${layer}/patch/${target}`;
    const left = graph.node(`${path}/Mul`, 'Mul', [x, declare(kept)]);
    return graph.node(`${path}/Add`, 'Add', [left, declare(added)]);
  };
  const edits = { heads: edit('heads'), residual: edit('residual') };
  const decoder = { ...toPlain(spec), batch: 'batch_size' } as const;
  const normed = addDecoder(graph, DECODER_INPUTS.ids, decoder, null, edits);
  const wanted = addRows(graph, '/model/rows', normed, DECODER_INPUTS.rows);
  addLogits(graph, wanted, spec.config, { output: PATCHED_OUTPUT, rows: 'allRows' });
  return graph.toModel();
}

function ofEveryLayer(name: (layer: number, config: ModelConfig) => string): (config: ModelConfig) => string[] {
  return (config) => Array.from({ length: config.numLayers }, (_, layer) => name(layer, config));
}

function tapShape(tap: LayerTap, index: number, spec: InspectSpec): Dimension[] {
  const { hiddenSize, headDim } = spec.config;
  if (tap === 'residual') return [1, 'S', hiddenSize];
  const { numHeads, intermediateSize } = layerConfig(spec, index);
  switch (tap) {
    case 'attention':
      return [1, numHeads, 'S', 'total'];
    case 'activations':
      return [1, 'S', intermediateSize];
    case 'heads':
      return [1, 'S', numHeads * headDim];
    default:
      return tap satisfies never;
  }
}

function toPlain(spec: InspectSpec): DecoderSpec {
  return { ...spec, attention: 'plain', hasBias: true };
}

function startGraph(name: string, batch: Dimension = 1): GraphBuilder {
  const graph = new GraphBuilder(name);
  graph.input(DECODER_INPUTS.ids, 'int32', [batch, 'S']);
  graph.input(DECODER_INPUTS.positions, 'int64', [batch, 'S']);
  graph.input(DECODER_INPUTS.rows, 'int32', ['R']);
  graph.input(DECODER_INPUTS.bias, 'float32', [1, 1, 'S', 'total']);
  return graph;
}

function addLogits(
  graph: GraphBuilder,
  normed: string,
  config: ModelConfig,
  { output, rows }: { output: string; rows: string },
): void {
  const head = graph.weight(DECODER_INPUTS.head, 'float32', [config.vocabSize, config.hiddenSize]);
  addHead(graph, normed, head, { config, output });
  graph.output(output, 'float32', [rows, config.vocabSize]);
}
