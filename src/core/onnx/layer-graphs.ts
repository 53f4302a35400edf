import { LINEAR_NAMES, type ModelConfig } from '../checkpoint/checkpoint.ts';
import { TAP_OF, type Tap } from '../compress/calibration.ts';
import { addUncachedAttention } from './attention.ts';
import { DECODER_INPUTS, type DecoderSizes } from './decoder-spec.ts';
import { GraphBuilder } from './graph.ts';
import { addLinear, moduleShape } from './linear.ts';
import { addGatedUnit, addNorm, addProjections, addRotaryInputs, normNames } from './llama-decoder.ts';

/** Module of a linear matrix in the graphs here, which serve every layer. */
export function anyModule(name: (typeof LINEAR_NAMES)[number]): string {
  return `model.layers.any.${name}`;
}

/** Names that the graphs here have beside those of a decoder. */
export const LAYER_VALUES = {
  hidden: 'hidden', // float32 [1, S, hiddenSize]
  output: 'hidden_out', // float32 [1, S, hiddenSize]
  gram: (tap: Tap) => `gram.${tap}`, // float32 [in, in]
  magnitudes: (tap: Tap) => `magnitudes.${tap}`, // float32 [in], sums
} as const;

interface LayerBody {
  graph: GraphBuilder;
  /** What the matrices of each tap read, `[1, S, in]`. */
  taps: Readonly<Record<Tap, string>>;
  /** The residual stream that `down_proj` is added to, `[1, S, hiddenSize]`. */
  residual: string;
  linear: Parameters<typeof addLinear>[3];
}

/** One decoder layer of the config's sizes up to the input of `down_proj`; weights are dense and inputs, so that one session serves all of them. */
function addLayer(name: string, config: ModelConfig): LayerBody {
  const graph = new GraphBuilder(name);
  const hidden = graph.input(LAYER_VALUES.hidden, 'float32', [1, 'S', config.hiddenSize]);
  graph.input(DECODER_INPUTS.positions, 'int64', [1, 'S']);
  graph.input(DECODER_INPUTS.bias, 'float32', [1, 1, 'S', 'S']);
  graph.input(DECODER_INPUTS.queryScale, 'float32', [1]);
  addRotaryInputs(graph, config);
  const linear = { ...toSizes(config), loraModules: new Set<string>() };
  const names = normNames('any');
  const { normed } = addNorm(graph, '/model/layers.any/input_layernorm', names.input, hidden, '', config);
  const heads = addUncachedAttention(graph, 'any', addProjections(graph, 'any', normed, linear), config);
  const projected = addLinear(graph, anyModule('self_attn.o_proj'), heads, linear);
  const post = addNorm(graph, '/model/layers.any/post_attention_layernorm', names.post, hidden, projected, config);
  const gated = addGatedUnit(graph, 'any', post.normed, linear);
  return { graph, taps: { attn: normed, o: heads, mlp: post.normed, down: gated }, residual: post.sum, linear };
}

/**
 * A layer that puts out `X^T X` `[in, in]` of what its taps read, and the sums of `|x|` over the tokens. A row of zeros stays zero at every tap
 * (a Llama layer adds no constant), so padding counts nothing.
 */
export function buildGramGraph(config: ModelConfig): Uint8Array<ArrayBuffer> {
  const { graph, taps } = addLayer('gram', config);
  for (const [tap, size] of tapSizes(config)) {
    const path = `/gram/${tap}`;
    const rows = graph.node(`${path}/Reshape`, 'Reshape', [taps[tap], graph.shape(`${path}/shape`, [-1, size])]);
    const name = LAYER_VALUES.gram(tap);
    graph.node(`${path}/Gemm`, 'Gemm', [rows, rows], { attributes: { transA: 1 }, outputs: [name] });
    graph.output(name, 'float32', [size, size]);
    addMagnitudes(graph, tap, rows, size);
  }
  return graph.toModel();
}

/** Sums of `|x|` over the rows `[S, in]` of a tap. */
function addMagnitudes(graph: GraphBuilder, tap: Tap, rows: string, size: number): void {
  const path = `/magnitudes/${tap}`;
  const absolute = graph.node(`${path}/Abs`, 'Abs', [rows]);
  const name = LAYER_VALUES.magnitudes(tap);
  graph.node(`${path}/ReduceSum`, 'ReduceSum', [absolute, graph.shape(`${path}/axes`, [0])], {
    attributes: { keepdims: 0 },
    outputs: [name],
  });
  graph.output(name, 'float32', [size]);
}

/** A layer that puts out the hidden states behind it, `[1, S, hiddenSize]`. */
export function buildLayerGraph(config: ModelConfig): Uint8Array<ArrayBuffer> {
  const { graph, taps, residual, linear } = addLayer('layer', config);
  const down = addLinear(graph, anyModule('mlp.down_proj'), taps.down, linear);
  graph.node('/model/layers.any/Add', 'Add', [residual, down], { outputs: [LAYER_VALUES.output] });
  graph.output(LAYER_VALUES.output, 'float32', [1, 'S', config.hiddenSize]);
  return graph.toModel();
}

/** The taps of a layer with the width of what they read. */
export function tapSizes(config: ModelConfig): ReadonlyMap<Tap, number> {
  return new Map(LINEAR_NAMES.map((name) => [TAP_OF[name], moduleShape(anyModule(name), toSizes(config))[1]]));
}

function toSizes(config: ModelConfig): DecoderSizes {
  return { config, format: { layers: [config], matrices: new Map() } };
}
