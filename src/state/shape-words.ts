import type { ShapeKey } from '../core/shape/shape-regimes.ts';

/** The regimes of a shape in words. */
export const SHAPE_LABELS: Readonly<Record<ShapeKey, string>> = {
  dense: 'Dense',
  pruned: 'Half the neurons',
  'four-bit': '4 bit',
  'lora-unmerged': 'LoRA unmerged',
  'lora-merged': 'LoRA-merged',
  prompt: 'Prompt',
  idp: 'IDP',
};
