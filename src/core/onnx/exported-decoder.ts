import type { Variant } from '../compress/variant.ts';
import { DECODER_INPUTS, type DecoderSpec, HIDDEN_SCORE } from './decoder-spec.ts';
import { type DecoderWeight, toSharedWeights, toVariantWeights } from './decoder-weights.ts';
import { foldInputScales } from './fold-scales.ts';
import { type ElementType, GraphBuilder, type GraphConstant } from './graph.ts';
import { addDecoder, addHead } from './llama-decoder.ts';
import { toWeightFormat } from './weight-format.ts';

/** Names of the inputs that only the exported decoder has; the others are those of the page's decoder. */
const MASK = 'attention_mask';
const BOOL = 9; // TensorProto.DataType
const ELEMENT_BYTES = { float32: 4, uint8: 1 } as const;

/**
 * A variant as one ONNX model that carries its weights, with the inputs and outputs that transformers.js and optimum use
 * for a decoder with past: `input_ids`, `attention_mask`, `position_ids`, `past_key_values.<i>.key|value` to `logits`
 * `[batch_size, sequence_length, vocabSize]` and `present.<i>.key|value`. Attention is plain, which unlike the
 * fused operator honours padding on the left, several rows, and several new tokens behind a past, on every device.
 */
export function toExportedDecoder(variant: Variant): GraphBuilder {
  const { config } = variant.checkpoint;
  const folded = foldInputScales(variant);
  const graph = new GraphBuilder('llama', toConstants(folded));
  const ids = graph.input(DECODER_INPUTS.ids, 'int64', ['batch_size', 'sequence_length']);
  graph.input(MASK, 'int64', ['batch_size', 'total_sequence_length']);
  graph.input(DECODER_INPUTS.positions, 'int64', ['batch_size', 'sequence_length']);
  addMaskBias(graph, ids);
  const spec: DecoderSpec = {
    config,
    format: toWeightFormat(folded),
    loraModules: new Set(),
    attention: 'plain',
    hasBias: true,
    batch: 'batch_size',
  };
  const normed = addDecoder(graph, ids, spec, null); // [batch_size, sequence_length, hiddenSize]
  const { vocabSize, hiddenSize } = config;
  const head = config.tieWordEmbeddings
    ? DECODER_INPUTS.embedding
    : graph.weight(DECODER_INPUTS.head, 'float32', [vocabSize, hiddenSize]);
  const rows = addHead(graph, normed, head, { config, output: '/lm_head/Gemm/output_0' });
  const vocab = graph.shape('/lm_head/vocab', [vocabSize]);
  const shape = graph.node('/lm_head/Concat', 'Concat', ['/model/ids/Shape/output_0', vocab], {
    attributes: { axis: 0 },
  });
  graph.node('/lm_head/Reshape_1', 'Reshape', [rows, shape], { outputs: ['logits'] });
  graph.output('logits', 'float32', ['batch_size', 'sequence_length', vocabSize]);
  return graph;
}

function toConstants(variant: Variant): ReadonlyMap<string, GraphConstant> {
  const { checkpoint } = variant;
  const weights = [...toSharedWeights(checkpoint, checkpoint.config.maxPositions), ...toVariantWeights(variant)];
  return new Map(weights.map((weight) => [weight.name, toConstant(weight)]));
}

function toConstant({ type, shape, data }: DecoderWeight): GraphConstant {
  const sizeBytes = shape.reduce((product, length) => product * length, ELEMENT_BYTES[type]);
  const bytes = () => {
    const values = data();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  };
  return { type, shape, sizeBytes, bytes };
}

/**
 * What attention adds to its scores, under the name that the layers read: 0 where a key stands no later than the query and
 * `attention_mask` is 1, a low number elsewhere. T keys, of which the last S are the queries' own:
 *
 *     0 .. T - 1 ─────────── LessOrEqual ─ And ─ Where ─ [batch_size, 1, S, T]
 *     T - S .. T - 1 ─ [S, 1] ──┘           │
 *     attention_mask ─ [batch_size, 1, 1, T]┘
 */
function addMaskBias(graph: GraphBuilder, ids: string): void {
  const path = '/model/attn_mask';
  const scalar = (name: string, type: ElementType, value: number) => {
    const values = type === 'int64' ? BigInt64Array.of(BigInt(value)) : Float32Array.of(value);
    const bytes = new Uint8Array(values.buffer);
    return graph.constant(`${path}/${name}`, { type, shape: [], sizeBytes: bytes.length, bytes: () => bytes });
  };
  const [zero, one] = [scalar('zero', 'int64', 0), scalar('one', 'int64', 1)];
  const lengthOf = (shape: string, name: string) => graph.node(`${path}/${name}/Gather`, 'Gather', [shape, one]);
  const count = lengthOf(graph.node('/model/ids/Shape', 'Shape', [ids]), 'count');
  const total = lengthOf(graph.node(`${path}/Shape`, 'Shape', [MASK]), 'total');
  const past = graph.node(`${path}/Sub`, 'Sub', [total, count]);
  const keys = graph.node(`${path}/keys/Range`, 'Range', [zero, total, one]); // [T]
  const queries = graph.node(`${path}/queries/Range`, 'Range', [past, total, one]); // [S]
  const rows = graph.node(`${path}/queries/Unsqueeze`, 'Unsqueeze', [queries, graph.shape(`${path}/row`, [1])]); // [S, 1]
  const causal = graph.node(`${path}/LessOrEqual`, 'LessOrEqual', [keys, rows]); // [S, T]
  const given = graph.node(`${path}/Cast`, 'Cast', [MASK], { attributes: { to: BOOL } });
  const shown = graph.node(`${path}/Unsqueeze`, 'Unsqueeze', [given, graph.shape(`${path}/heads`, [1, 2])]);
  const visible = graph.node(`${path}/And`, 'And', [causal, shown]); // [batch_size, 1, S, T]
  const values = [visible, scalar('visible', 'float32', 0), scalar('hidden', 'float32', HIDDEN_SCORE)];
  graph.node(`${path}/Where`, 'Where', values, { outputs: [DECODER_INPUTS.bias] });
}
