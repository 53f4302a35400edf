import type { Checkpoint } from '../core/checkpoint/checkpoint.ts';
import { applyRecipe } from '../core/compress/apply-recipe.ts';
import type { CalibrationOptions } from '../core/compress/calibration.ts';
import { type CalibrationSentence, drawSamples } from '../core/compress/calibration-samples.ts';
import { checkCalibration, isCalibrated } from '../core/compress/check-calibration.ts';
import { methodOf } from '../core/compress/methods.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import type { Variant } from '../core/compress/variant.ts';
import type { Calibrator } from '../core/compress/walk-layers.ts';
import type { RunOptions } from '../core/run-options.ts';
import { OrtCalibration } from './calibration.ts';
import { FastestAlgebra, type UpdateChoice } from './fastest-algebra.ts';
import type { LoadOptions, TextTokenizer } from './runner-type.ts';
import type { Runtime } from './session.ts';
import { stopIfAborted, turnEventLoop } from './stopping.ts';
import { checkIds } from './token-ids.ts';

/** What a model's files give for making variants of it, beside the checkpoint. */
export interface VariantFiles {
  /** What the checkpoint's weights are stored in. */
  readonly dtype: 'F16' | 'F32';
  /** Sentences that calibrated methods may look at; read at their first need. */
  readSentences(options?: LoadOptions): Promise<readonly CalibrationSentence[]>;
  /** The variant of a recipe where it is shipped, else null. */
  readVariant(recipe: Recipe, checkpoint: Checkpoint, options?: LoadOptions): Promise<Variant | null>;
}

/** Makes the variants of a checkpoint; what calibrated methods need is built at their first use. `dispose` frees it. */
export class Compressor {
  private readonly checkpoint: Checkpoint;
  private readonly tokenizer: TextTokenizer;
  private readonly files: VariantFiles | null;
  private readonly calibration: OrtCalibration;
  private readonly algebra: FastestAlgebra;

  constructor(runtime: Runtime, checkpoint: Checkpoint, tokenizer: TextTokenizer, files: VariantFiles | null) {
    this.checkpoint = checkpoint;
    this.tokenizer = tokenizer;
    this.files = files;
    this.calibration = new OrtCalibration(runtime, checkpoint, (options, run) => this.draw(options, run));
    this.algebra = new FastestAlgebra(runtime);
  }

  /** The shipped variant of a recipe, or the one that it makes here; throws `stopped` when the signal aborts. */
  async compress(recipe: Recipe | null, options: LoadOptions): Promise<Variant> {
    const { signal } = options;
    const onProgress = async (done: number, total: number) => {
      if (recipe !== null) reportCompiling(options, this.toLabel(recipe, done, total));
      await turnEventLoop();
    };
    try {
      const shipped = recipe && (await this.files?.readVariant(recipe, this.checkpoint, options));
      if (shipped) return shipped;
      // Before any work: that of the steps before would be lost.
      if (recipe !== null && isCalibrated(recipe)) checkCalibration(recipe, (await this.readSentences(signal)).length);
      return await applyRecipe(this.checkpoint, recipe, {
        onProgress,
        ...(signal === undefined ? {} : { signal }),
        ...this.toCalibrator(),
      });
    } catch (error) {
      stopIfAborted(signal);
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.calibration.dispose();
    await this.algebra.dispose();
  }

  /** Without files there are no sentences, and calibrated recipes are refused. */
  private toCalibrator(): { calibrator?: Calibrator } {
    if (this.files === null) return {};
    return { calibrator: { source: this.calibration, algebra: this.algebra, dtype: this.files.dtype } };
  }

  private async draw(options: CalibrationOptions, run: RunOptions): Promise<readonly number[][]> {
    const { config } = this.checkpoint;
    const samples = drawSamples(await this.readSentences(run.signal), options, {
      encode: (text) => this.tokenizer.encode(text),
      bosTokenId: config.bosTokenId,
      eosTokenId: config.eosTokenId,
    });
    for (const ids of samples) checkIds(config, ids);
    return samples;
  }

  private async readSentences(signal: AbortSignal | undefined): Promise<readonly CalibrationSentence[]> {
    return (await this.files?.readSentences({ signal })) ?? [];
  }

  /** What is being done: a matrix, or a layer where a method goes through the layers. */
  private toLabel({ steps }: Recipe, done: number, total: number): string {
    const { numLayers } = this.checkpoint.config;
    const perStep = total / steps.length;
    const next = Math.min(done, total - 1);
    const step = steps[Math.floor(next / perStep)];
    const method = step && methodOf(step);
    if (method === undefined || method.kind === 'weights') return `Matrix ${done} of ${total}`;
    const layer = Math.floor((next % perStep) / (perStep / numLayers));
    return `Layer ${layer + 1} of ${numLayers}, ${method.label}${toWhere(this.algebra.choice)}`;
  }
}

/** Which device a trial chose for the updates; empty where there was nothing to choose. */
function toWhere(choice: UpdateChoice | null): string {
  if (choice === null) return '';
  return choice.chosen === 'webgpu' ? ', updates on the GPU' : ', updates on the CPU, which is faster at them here';
}

/** Tells what is being made; nothing is downloaded meanwhile. */
export function reportCompiling({ onProgress }: LoadOptions, label: string): void {
  onProgress?.({ phase: 'compiling', loadedBytes: 0, totalBytes: 0, label });
}
