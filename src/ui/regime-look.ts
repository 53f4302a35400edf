import type { RegimeKey } from '../core/recover/regime.ts';

/** How a regime is named and drawn wherever it appears: label, shape and colour each tell it apart. */
export interface RegimeLook {
  label: string;
  /** What is done to the model, in a few words. */
  hint: string;
  shape: RegimeShape;
  color: string;
}

export type RegimeShape =
  | 'circle'
  | 'ellipse'
  | 'square'
  | 'diamond'
  | 'triangle'
  | 'bar'
  | 'triangle-down'
  | 'pentagon'
  | 'kite'
  | 'hexagon'
  | 'cross';

const LOOKS: Readonly<Record<RegimeKey, Omit<RegimeLook, 'color'>>> = {
  dense: { label: 'Dense', hint: 'the model before compression', shape: 'circle' },
  compressed: { label: 'Compressed', hint: 'the recipe, no repair', shape: 'ellipse' },
  prompt: { label: 'Prompt', hint: 'one soft prompt for every question', shape: 'square' },
  idp: { label: 'IDP', hint: 'chosen per question from our routed pool', shape: 'diamond' },
  'lora-merged': { label: 'LoRA-merged', hint: 'LoRA r=8 added into the weights', shape: 'triangle' },
  prefix: { label: 'Prefix', hint: 'learned keys and values in every layer', shape: 'bar' },
  'idp-apart': { label: 'IDP, apart', hint: 'chosen per question, prompts trained apart', shape: 'pentagon' },
  'lora-r1': { label: 'LoRA r=1', hint: 'the smallest LoRA, merged', shape: 'triangle-down' },
  'lora-recompressed': { label: 'LoRA recompressed', hint: 'merged, then the old mask or grid', shape: 'kite' },
  'lora-unmerged': { label: 'LoRA unmerged', hint: 'LoRA r=8 beside each matrix', shape: 'hexagon' },
  text: { label: 'Text prompt', hint: 'your own words before the question', shape: 'cross' },
};

export function toRegimeLook(key: RegimeKey): RegimeLook {
  return { ...LOOKS[key], color: `var(--regime-${key})` };
}
