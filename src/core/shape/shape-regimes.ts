import { linearModules, type ModelConfig } from '../checkpoint/checkpoint.ts';
import type { DecoderSpec } from '../onnx/decoder-spec.ts';
import { denseFormat, type WeightFormat } from '../onnx/weight-format.ts';

/** What is timed on random weights, which answer nothing: how long a run takes hangs on shapes and formats alone. */
export const SHAPE_KEYS = ['dense', 'pruned', 'four-bit', 'lora-unmerged', 'lora-merged', 'prompt', 'idp'] as const;
export type ShapeKey = (typeof SHAPE_KEYS)[number];

/** The graphs behind them: a merged LoRA, a prompt and a pool run the dense one. */
export const SHAPE_FORMS = ['dense', 'pruned', 'four-bit', 'lora'] as const;
export type ShapeForm = (typeof SHAPE_FORMS)[number];

/** Sizes of the repairs: those that the shipped pack has. */
export const SHAPE_REPAIRS = { rank: 8, promptVectors: 16, poolVectors: [4, 8, 12, 16] } as const;

/** Share of the feed-forward neurons that structured pruning leaves. */
const NEURONS_LEFT = 0.5;
const FOUR_BIT = { kind: 'nbits', bits: 4, groupSize: 32 } as const;

export function formOf(key: ShapeKey): ShapeForm {
  switch (key) {
    case 'dense':
    case 'lora-merged':
    case 'prompt':
    case 'idp':
      return 'dense';
    case 'pruned':
    case 'four-bit':
      return key;
    case 'lora-unmerged':
      return 'lora';
    default:
      return key satisfies never;
  }
}

/** The decoder of a form: fused attention where the weights are bound, plain attention with a bias where the graph carries them, on the CPU. */
export function toShapeSpec(config: ModelConfig, form: ShapeForm, isCarried: boolean): DecoderSpec {
  const modules = linearModules(config.numLayers);
  return {
    config,
    format: toFormat(config, form, modules),
    loraModules: new Set(form === 'lora' ? modules : []),
    attention: isCarried ? 'plain' : 'fused',
    hasBias: isCarried,
  };
}

function toFormat(config: ModelConfig, form: ShapeForm, modules: readonly string[]): WeightFormat {
  const { numLayers, numHeads, numKvHeads } = config;
  const intermediateSize = form === 'pruned' ? config.intermediateSize * NEURONS_LEFT : config.intermediateSize;
  const layers = Array.from({ length: numLayers }, () => ({ numHeads, numKvHeads, intermediateSize }));
  if (form !== 'four-bit') return denseFormat(layers);
  return { layers, matrices: new Map(modules.map((module) => [module, FOUR_BIT])) };
}
