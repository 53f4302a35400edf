import { LINEAR_NAMES } from '../checkpoint/checkpoint.ts';
import { TAP_OF, type Tap } from '../compress/calibration.ts';
import type { Variant, VariantMatrix } from '../compress/variant.ts';
import { toWeights } from '../compress/variant-matrix.ts';
import { AppError } from '../errors.ts';
import type { Lora, LoraModule } from '../recover/repair.ts';
import { normNames } from './llama-decoder.ts';

type Scales = Float32Array<ArrayBuffer>; // [in]

const TAPS: readonly Tap[] = ['attn', 'o', 'mlp', 'down'];

/**
 * The same model without input scales, as it runs: what comes before a tap is divided by them, its norm or the rows of `up_proj`.
 *
 *     norm ── x ── Q / s        becomes        norm / s ── x / s ── Q
 *
 * A dense matrix at such a tap is multiplied by them; where rounded matrices of one tap disagree, they are made dense.
 * The variant is not mutated; one without input scales is given back as it is.
 */
export function foldInputScales(variant: Variant): Variant {
  if (![...variant.matrices.values()].some(hasInputScales)) return variant;
  const tensors = new Map(variant.checkpoint.tensors);
  const matrices = new Map(variant.matrices);
  for (let layer = 0; layer < variant.checkpoint.config.numLayers; layer++) {
    for (const tap of TAPS) {
      const scales = scalesOf(variant, layer, tap);
      for (const module of modulesAt(layer, tap)) matrices.set(module, takeScales(entryOf(matrices, module), scales));
      if (scales === null) continue;
      if (tap === 'down') {
        const up = upModule(layer);
        matrices.set(up, divideRows(entryOf(matrices, up), scales));
      } else {
        const name = normNames(layer)[tap === 'attn' ? 'input' : 'post'];
        const { shape, data } = entryOf(tensors, name);
        tensors.set(name, { shape, data: data.map((value, j) => value / (scales[j] ?? 1)) });
      }
    }
  }
  return { ...variant, checkpoint: { config: variant.checkpoint.config, tensors }, matrices };
}

/** A LoRA for the folded variant: what its branches read is divided by the input scales, and so is what `up_proj` puts out. */
export function foldLora(lora: Lora, variant: Variant): Lora {
  const modules = new Map(lora.modules);
  for (let layer = 0; layer < variant.checkpoint.config.numLayers; layer++) {
    for (const tap of TAPS) {
      const scales = scalesOf(variant, layer, tap);
      if (scales === null) continue;
      for (const module of modulesAt(layer, tap)) changeModule(modules, module, (part) => multiplyInputs(part, scales));
      if (tap === 'down') changeModule(modules, upModule(layer), (part) => divideOutputs(part, scales));
    }
  }
  return { kind: 'lora', modules };
}

function changeModule(modules: Map<string, LoraModule>, module: string, change: (part: LoraModule) => LoraModule) {
  const part = modules.get(module);
  if (part !== undefined) modules.set(module, change(part));
}

function multiplyInputs(part: LoraModule, scales: Scales): LoraModule {
  return { ...part, a: part.a.map((value, i) => value * (scales[i % scales.length] ?? 1)) };
}

function divideOutputs(part: LoraModule, scales: Scales): LoraModule {
  return { ...part, b: part.b.map((value, i) => value / (scales[Math.floor(i / part.r)] ?? 1)) };
}

/** The scales that a tap's rounded matrices share; null where there are none, or nothing before the tap can take them. */
function scalesOf({ matrices }: Variant, layer: number, tap: Tap): Scales | null {
  const rounded = modulesAt(layer, tap)
    .map((module) => entryOf(matrices, module))
    .filter((matrix) => matrix.kind === 'quantized');
  const scales = rounded[0]?.inputScales ?? null;
  const isShared = rounded.every(({ inputScales }) => inputScales?.every((value, j) => value === scales?.[j]));
  return tap !== 'o' && isShared ? scales : null;
}

/** A matrix that reads its input divided by `scales`, or as it was. */
function takeScales(matrix: VariantMatrix, scales: Scales | null): VariantMatrix {
  if (matrix.kind === 'quantized') {
    if (!hasInputScales(matrix)) return matrix;
    if (scales !== null) return { ...matrix, inputScales: null };
    const { shape, mask, pattern } = matrix;
    return { kind: 'dense', shape, weight: toWeights(matrix), mask, pattern };
  }
  if (scales === null) return matrix;
  return { ...matrix, weight: matrix.weight.map((value, i) => value * (scales[i % scales.length] ?? 1)) };
}

/** A matrix `[out, in]` whose outputs are divided by `scales` `[out]`. */
function divideRows(matrix: VariantMatrix, scales: Scales): VariantMatrix {
  const divide = (values: Float32Array<ArrayBuffer>) => {
    const width = values.length / scales.length;
    return values.map((value, i) => value / (scales[Math.floor(i / width)] ?? 1));
  };
  if (matrix.kind === 'dense') return { ...matrix, weight: divide(matrix.weight) };
  return { ...matrix, scaleDtype: 'F32', scales: divide(matrix.scales) };
}

function hasInputScales(matrix: VariantMatrix): boolean {
  return matrix.kind === 'quantized' && matrix.inputScales !== null;
}

function modulesAt(layer: number, tap: Tap): string[] {
  return LINEAR_NAMES.filter((name) => TAP_OF[name] === tap).map((name) => `model.layers.${layer}.${name}`);
}

function upModule(layer: number): string {
  return `model.layers.${layer}.mlp.up_proj`;
}

function entryOf<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (value === undefined) throw new AppError('internal', `The model lacks ${name}.`, { name });
  return value;
}
