import { type Checkpoint, LINEAR_NAMES, type ModelConfig } from '../core/checkpoint/checkpoint.ts';
import type {
  CalibrationOptions,
  CalibrationRun,
  CalibrationSource,
  LayerInputs,
  Tap,
  TapInputs,
} from '../core/compress/calibration.ts';
import { entryOf } from '../core/compress/layer-matrices.ts';
import type { Matrices } from '../core/compress/method.ts';
import { toWeights } from '../core/compress/variant-matrix.ts';
import { DECODER_INPUTS } from '../core/onnx/decoder-spec.ts';
import { rotaryTables, tensorOf } from '../core/onnx/decoder-weights.ts';
import { anyModule, LAYER_VALUES, tapSizes } from '../core/onnx/layer-graphs.ts';
import { weightInputs } from '../core/onnx/linear.ts';
import { normNames } from '../core/onnx/llama-decoder.ts';
import { transpose } from '../core/onnx/weight-format.ts';
import { pause, type RunOptions } from '../core/run-options.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { LayerSessions } from './layer-sessions.ts';
import { type PackedRow, packWhole, toAttentionBias, toLengthRule } from './packing.ts';
import type { Runtime, RunValue } from './session.ts';

/**
 * Token ids of the samples that the options draw, one list a sample. Sentences are read at their first need only.
 */
export type DrawSamples = (options: CalibrationOptions, run: RunOptions) => Promise<readonly (readonly number[])[]>;

// As many tokens as a scoring row holds: attention grows with the square of it.
const ROW_LENGTH = 128;

/**
 * Calibration by ONNX Runtime. The layer's two graphs run on the CPU with WebGPU too: `X^T X` of some thousand tokens is small,
 * and its sums, like those of `|x|`, are needed on our side. A GPU would ask for sessions on it here, and for `compilesByShape` where rows are packed.
 */
export class OrtCalibration implements CalibrationSource {
  private readonly checkpoint: Checkpoint;
  private readonly draw: DrawSamples;
  private readonly sessions: LayerSessions;

  constructor(runtime: Runtime, checkpoint: Checkpoint, draw: DrawSamples) {
    this.sessions = new LayerSessions(runtime);
    this.checkpoint = checkpoint;
    this.draw = draw;
  }

  async begin(embeddings: Tensor, options: CalibrationOptions, run: RunOptions): Promise<CalibrationRun> {
    const samples = await this.draw(options, run);
    run.signal?.throwIfAborted();
    const { config } = this.checkpoint;
    await this.sessions.keepOnly(config); // those of smaller layers were of another walk
    const { gram } = await this.sessions.pairFor(config);
    const rule = { rowLength: ROW_LENGTH, toLength: toLengthRule(gram.compilesByShape) };
    const rows = packWhole(samples, rule).map((row) => toRow(row, embeddings));
    return new OrtCalibrationRun(this.sessions, this.checkpoint, rows);
  }

  /** Frees the sessions; runs must have ended. */
  async dispose(): Promise<void> {
    await this.sessions.keepOnly(null);
  }
}

type Values = Readonly<Record<string, RunValue>>;

/** A row of samples on its way through the layers. */
interface Row {
  hidden: RunValue; // [1, S, hiddenSize]
  places: Values;
  /** Padding left out. */
  tokens: number;
}

class OrtCalibrationRun implements CalibrationRun {
  private readonly sessions: LayerSessions;
  private readonly checkpoint: Checkpoint;
  private readonly constants: Values;
  private rows: Row[];
  private layer = 0;

  constructor(sessions: LayerSessions, checkpoint: Checkpoint, rows: Row[]) {
    this.sessions = sessions;
    this.checkpoint = checkpoint;
    // RotaryEmbedding wants as many positions as a row has tokens, though those of a sample begin at 0 (1.30.0).
    this.constants = toConstants(checkpoint, Math.max(1, ...rows.map(({ hidden }) => hidden.shape[1] ?? 0)));
    this.rows = rows;
  }

  async inputsOf(matrices: Matrices, run: RunOptions): Promise<LayerInputs> {
    const sums = new Map<Tap, TapInputs>();
    const config = this.layerConfigOf(matrices);
    const { gram } = await this.sessions.pairFor(config);
    for (const [tap, size] of tapSizes(config)) {
      sums.set(tap, { size, data: new Float64Array(size * size), magnitudes: new Float64Array(size) });
    }
    const { gram: gramName, magnitudes: magnitudesName } = LAYER_VALUES;
    const names = [...sums.keys()].flatMap((tap) => [gramName(tap), magnitudesName(tap)]);
    const fetches = Object.fromEntries(names.map((name) => [name, null]));
    const allTokens = this.rows.reduce((sum, { tokens }) => sum + tokens, 0);
    const weights = this.toLayerValues(matrices);
    for (const [i, { hidden, places }] of this.rows.entries()) {
      const feeds = { ...this.constants, ...weights, ...places, [LAYER_VALUES.hidden]: hidden };
      const outputs = await gram.run(feeds, fetches);
      for (const [tap, { data, magnitudes }] of sums) {
        addTo(data, outputs.get(gramName(tap)), 1);
        addTo(magnitudes, outputs.get(magnitudesName(tap)), 1 / allTokens);
      }
      await pause(run, i + 1, this.rows.length);
    }
    return sums;
  }

  async advance(matrices: Matrices, run: RunOptions): Promise<void> {
    const { layer } = await this.sessions.pairFor(this.layerConfigOf(matrices));
    const weights = this.toLayerValues(matrices);
    const advanced: Row[] = [];
    for (const { hidden, places, tokens } of this.rows) {
      const feeds = { ...this.constants, ...weights, ...places, [LAYER_VALUES.hidden]: hidden };
      const outputs = await layer.run(feeds, { [LAYER_VALUES.output]: null });
      advanced.push({ hidden: outputs.get(LAYER_VALUES.output) ?? hidden, places, tokens });
      await pause(run, advanced.length, this.rows.length);
    }
    this.rows = advanced;
    this.layer += 1;
  }

  dispose(): void {
    this.rows = [];
  }

  /** The config with the sizes that the layer's matrices have. */
  private layerConfigOf(matrices: Matrices): ModelConfig {
    const { config } = this.checkpoint;
    const rowsOf = (name: (typeof LINEAR_NAMES)[number]) => entryOf(matrices, name)[1].shape[0];
    return {
      ...config,
      numHeads: rowsOf('self_attn.q_proj') / config.headDim,
      numKvHeads: rowsOf('self_attn.k_proj') / config.headDim,
      intermediateSize: rowsOf('mlp.gate_proj'),
    };
  }

  /** The weights of the layer that comes next, with these matrices in it, under the names of any layer. */
  private toLayerValues(matrices: Matrices): Values {
    const values: Record<string, RunValue> = {};
    for (const name of LINEAR_NAMES) {
      const [, matrix] = entryOf(matrices, name);
      const [out, inputs] = matrix.shape;
      const data = transpose(toWeights(matrix), out, inputs);
      values[weightInputs(anyModule(name)).dense] = { type: 'float32', shape: [inputs, out], data };
    }
    const [own, any] = [normNames(this.layer), normNames('any')];
    for (const norm of ['input', 'post'] as const) {
      const { shape, data } = tensorOf(this.checkpoint, own[norm]);
      values[any[norm]] = { type: 'float32', shape, data };
    }
    return values;
  }
}

/** Rotations of the positions below `maxPosition`, and the scale of the queries. */
function toConstants({ config }: Checkpoint, maxPosition: number): Values {
  const { cos, sin } = rotaryTables(config, maxPosition);
  const shape = [maxPosition, config.headDim / 2];
  return {
    [DECODER_INPUTS.cos]: { type: 'float32', shape, data: cos },
    [DECODER_INPUTS.sin]: { type: 'float32', shape, data: sin },
    [DECODER_INPUTS.queryScale]: { type: 'float32', shape: [1], data: Float32Array.of(1 / Math.sqrt(config.headDim)) },
  };
}

/** A row's embeddings, zeros where it is padded: such rows stay zero in every layer and count in no sum. */
function toRow({ placements, ids, depths, parents }: PackedRow, { shape, data: table }: Tensor): Row {
  const hiddenSize = shape[1] ?? 0;
  const data = new Float32Array(ids.length * hiddenSize);
  const tokens = placements.flatMap(({ path }) => path);
  for (const at of tokens) {
    const from = (ids[at] ?? 0) * hiddenSize;
    data.set(table.subarray(from, from + hiddenSize), at * hiddenSize);
  }
  const count = ids.length;
  return {
    hidden: { type: 'float32', shape: [1, count, hiddenSize], data },
    tokens: tokens.length,
    places: {
      [DECODER_INPUTS.positions]: { type: 'int64', shape: [1, count], data: BigInt64Array.from(depths.map(BigInt)) },
      [DECODER_INPUTS.bias]: { type: 'float32', shape: [1, 1, count, count], data: toAttentionBias(parents, 0) },
    },
  };
}

function addTo(sum: Float64Array, value: RunValue | undefined, factor: number): void {
  const values = value?.data as Float32Array;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + factor * (values[i] ?? 0);
}
