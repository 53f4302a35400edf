import { type Checkpoint, EMBEDDINGS } from '../checkpoint/checkpoint.ts';
import {
  type CalibrationOptions,
  type CalibrationRun,
  type CalibrationSource,
  type LayerInputs,
  TAP_OF,
  type Tap,
  type TapInputs,
} from '../compress/calibration.ts';
import type { Matrices } from '../compress/method.ts';
import { toCheckpoint } from '../compress/variant-matrix.ts';
import { pause, type RunOptions } from '../run-options.ts';
import { type Layer, layerOf, runLayer, toEmbeddings } from './forward.ts';
import type { Matrix } from './operations.ts';

/** Draws token ids, one list a sample. */
export type DrawIds = (options: CalibrationOptions) => readonly (readonly number[])[];

/** Calibration with the plain forward pass, one sample at a time and all sums in float64: what faster ones are compared with. */
export function createPlainCalibration(checkpoint: Checkpoint, draw: DrawIds): CalibrationSource {
  return {
    begin: async (embeddings, options) => {
      const tensors = new Map(checkpoint.tensors).set(`${EMBEDDINGS}.weight`, embeddings);
      return new PlainRun({ ...checkpoint, tensors }, draw(options));
    },
  };
}

class PlainRun implements CalibrationRun {
  private readonly checkpoint: Checkpoint;
  private hidden: readonly Matrix[];
  private layer = 0;

  constructor(checkpoint: Checkpoint, samples: readonly (readonly number[])[]) {
    this.checkpoint = checkpoint;
    this.hidden = samples.map((ids) => toEmbeddings(checkpoint, ids));
  }

  async inputsOf(matrices: Matrices, run: RunOptions): Promise<LayerInputs> {
    const inputs = new Map<Tap, TapInputs>();
    const tokens = this.hidden.reduce((sum, { data, width }) => sum + data.length / width, 0);
    const layer = withTaps(this.layerWith(matrices), (tap, x) => addTo(inputs, tap, x, tokens));
    await this.runThrough(layer, run);
    return inputs;
  }

  async advance(matrices: Matrices, run: RunOptions): Promise<void> {
    this.hidden = await this.runThrough(this.layerWith(matrices), run);
    this.layer += 1;
  }

  dispose(): void {
    this.hidden = [];
  }

  private layerWith(matrices: Matrices): Layer {
    return layerOf(toCheckpoint({ checkpoint: this.checkpoint, matrices, embeddings: new Map() }), this.layer);
  }

  private async runThrough(layer: Layer, run: RunOptions): Promise<Matrix[]> {
    const outputs: Matrix[] = [];
    for (const x of this.hidden) {
      outputs.push(runLayer(layer, x, 0).output);
      await pause(run, outputs.length, this.hidden.length);
    }
    return outputs;
  }
}

/** A layer that also tells what its taps read, each once. */
function withTaps(layer: Layer, tell: (tap: Tap, x: Matrix) => void): Layer {
  const isFirst = new Set(['self_attn.q_proj', 'self_attn.o_proj', 'mlp.gate_proj', 'mlp.down_proj']);
  return {
    ...layer,
    linear: (name, x) => {
      if (isFirst.has(name)) tell(TAP_OF[name], x);
      return layer.linear(name, x);
    },
  };
}

/** Adds a sample's `X^T X` to a tap's sum, and its part of the mean `|x|` over all `tokens`. */
function addTo(inputs: Map<Tap, TapInputs>, tap: Tap, { data: x, width: size }: Matrix, tokens: number): void {
  const empty = { size, data: new Float64Array(size * size), magnitudes: new Float64Array(size) };
  const { data: sum, magnitudes } = inputs.get(tap) ?? empty;
  inputs.set(tap, { size, data: sum, magnitudes });
  for (let token = 0; token < x.length; token += size) {
    for (let i = 0; i < size; i++) {
      const value = x[token + i] ?? 0;
      magnitudes[i] = (magnitudes[i] ?? 0) + Math.abs(value) / tokens;
      for (let j = 0; j < size; j++) sum[i * size + j] = (sum[i * size + j] ?? 0) + value * (x[token + j] ?? 0);
    }
  }
}
