import type { KeptUnits, LayerSizes } from '../checkpoint/layer-shape.ts';
import type { Algebra } from '../linear-algebra/algebra.ts';
import type { CalibrationOptions, LayerInputs } from './calibration.ts';
import type { StepFields } from './step-fields.ts';
import type { VariantMatrix } from './variant.ts';

/** Linear matrices by module name, in the order of `linearModules`. */
export type Matrices = ReadonlyMap<string, VariantMatrix>;

/** What every method's step has; the rest are its options. */
export interface MethodStep {
  method: string;
  /** Names of modules left alone, such as `model.layers.0.mlp.up_proj`. */
  exclude?: readonly string[];
}

/** What every step of a method that looks at activations has beside that. */
export interface CalibratedStep extends MethodStep {
  calibration: CalibrationOptions;
}

/** The matrices of a model that a step acts on, and refusals of what does not fit them. */
export interface StepFit {
  /** Inputs of each linear matrix by module name, excluded ones left out. */
  inputs: ReadonlyMap<string, number>;
  /** Inputs of the embeddings and the head. */
  hiddenSize: number;
  /** Throws `recipe-invalid` unless the model has this linear module, excluded or not. */
  expectModule(field: string, name: string): void;
  /** Throws `recipe-invalid`. */
  refuse(field: string, value: unknown, allowed: string): never;
}

/** A way to compress; one file each, one row in `methods.ts`. */
export type Method<Step extends MethodStep> = WeightMethod<Step> | CalibratedMethod<Step> | StructuredMethod<Step>;

interface MethodBase<Step extends MethodStep> {
  /** Name for people. */
  label: string;
  /** What it does to the weights, in one sentence. */
  summary: string;
  /** The step that a form starts from. */
  defaultOptions: Step;
  /** Checks the fields of a step, `exclude` aside, which is checked for every method alike; throws `recipe-invalid`. */
  parseOptions(fields: StepFields): Step;
  /** Refuses options that do not fit a model; `exclude` is checked for every method alike. */
  checkFit?(step: Step, fit: StepFit): void;
  /** The options, `exclude` aside: the same text exactly where they ask for the same. Kept results are found by it. */
  toKey(step: Step): string;
  /** The options in words, to stand behind the label. */
  toText(step: Step): string;
  /**
   * How far two steps lie apart in a model with these linear modules, `exclude` and what matrices have of their own counted: 0 for the same
   * ones, below 10 in all.
   */
  toDistance(one: Step, other: Step, modules: readonly string[]): number;
}

/** A method that looks at the weights alone. */
export interface WeightMethod<Step extends MethodStep> extends MethodBase<Step> {
  kind: 'weights';
  /**
   * Replacements of the matrices that the step changes, one matrix at a time where the method allows it, so that the
   * caller can stop and report between them; the input is not mutated.
   */
  apply(matrices: Matrices, step: Step): Iterable<readonly [module: string, matrix: VariantMatrix]>;
}

/** A method that looks at what the matrices of a layer get as input. */
export interface CalibratedMethod<Step extends MethodStep> extends MethodBase<Step> {
  kind: 'calibrated';
  /**
   * Replacements of one layer's matrices that the step changes; `matrices` are all seven of it. The caller may stop between them;
   * the input is not mutated.
   */
  applyLayer(
    matrices: Matrices,
    inputs: LayerInputs,
    step: Step & CalibratedStep,
    options: LayerOptions,
  ): AsyncIterable<readonly [module: string, matrix: VariantMatrix]>;
}

/** A method that removes whole units of the layers, so that their matrices lose rows and columns. */
export interface StructuredMethod<Step extends MethodStep> extends MethodBase<Step> {
  kind: 'structured';
  units: keyof KeptUnits;
  /** One number a unit, by what a layer's seven matrices get as input. */
  scoreUnits(matrices: Matrices, inputs: LayerInputs, sizes: LayerSizes): Float64Array;
  /** The units of each layer that stay, ascending, or null where all do, once all layers have their scores. */
  chooseUnits(scores: readonly Float64Array[], step: Step): readonly (readonly number[] | null)[];
  /** The sizes that the step leaves; null where they hang on the scores. */
  sizesAfter(layers: readonly LayerSizes[], step: Step): readonly LayerSizes[] | null;
}

export interface LayerOptions {
  algebra: Algebra;
  /** What changed dense weights are stored in, and are therefore rounded to. */
  dtype: 'F16' | 'F32';
  /** To be awaited every 100 ms or so: lets the caller's event loop turn, and throws where the caller has stopped. */
  pause(): Promise<void>;
}
