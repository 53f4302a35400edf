import type { Fate } from '../core/eval/fates.ts';

/** How a fate is named and drawn wherever it appears. */
export interface FateLook {
  label: string;
  /** What happened, in a few words. */
  hint: string;
  color: string;
  /** Printed on the colour. */
  ink: string;
}

const LOOKS: Readonly<Record<Fate, Pick<FateLook, 'label' | 'hint'>>> = {
  'never-known': { label: 'never known', hint: 'the dense model is wrong' },
  kept: { label: 'kept', hint: 'right before and after compression' },
  displaced: { label: 'displaced', hint: 'lost, and back under the repair that never saw it' },
  relearned: { label: 'relearned', hint: 'lost, and back only under the repair that saw it' },
  lost: { label: 'lost', hint: 'lost, and back under neither' },
  broken: { label: 'broken', hint: 'spared by compression, wrong under the repair' },
};

/** Fates that are light on a light page and dark on a dark one. */
const SOFT: ReadonlySet<Fate> = new Set(['never-known', 'kept', 'broken']);

export function toFateLook(fate: Fate): FateLook {
  const ink = SOFT.has(fate) ? 'var(--ink)' : 'var(--on-ink)';
  return { ...LOOKS[fate], color: `var(--fate-${fate})`, ink };
}
