import type { PoolOutcome } from '../../core/inside/capture.ts';
import { POOL_KEYS, type PoolKey, type PoolRule } from '../../state/inside-state.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** The scores that a pool's choice rests on, wherever they come from. */
export interface PoolScores {
  scores: readonly number[]; // [numPrompts]
  chosen: number;
}

/** How a pool is named and what sets it apart from the other. */
export function toPoolTitle(pool: PoolKey): string {
  const { label } = toRegimeLook(pool);
  return pool === 'idp' ? `${label}: trained to be routed` : `${label}: prompts trained alone, routed afterwards`;
}

/** The prompt as people count. */
export function toPromptName(prompt: number): string {
  return `Prompt ${prompt + 1}`;
}

/** The prompt with most attention besides the chosen one, and how far it is behind; null where there is no other, or none with a finite score. */
export function toRunnerUp({ scores, chosen }: PoolScores): { prompt: number; margin: number } | null {
  const own = scores[chosen];
  if (own === undefined || !Number.isFinite(own)) return null;
  let prompt = -1;
  for (const [i, score] of scores.entries()) {
    if (i !== chosen && Number.isFinite(score) && score > (scores[prompt] ?? Number.NEGATIVE_INFINITY)) prompt = i;
  }
  const score = scores[prompt];
  return score === undefined ? null : { prompt, margin: own - score };
}

/** The prompt whose own answer is the surest; -1 where no confidence is finite. */
export function toSurest({ answers }: Pick<PoolOutcome, 'answers'>): number {
  let surest = -1;
  for (const [i, { confidence }] of answers.entries()) {
    if (Number.isFinite(confidence) && confidence > (answers[surest]?.confidence ?? Number.NEGATIVE_INFINITY))
      surest = i;
  }
  return surest;
}

/** Rules of choice as charts name them, and what each knows. */
export const RULE_WORDS: Readonly<Record<PoolRule['id'], { label: string; meaning: string }>> = {
  attention: { label: 'Most attention', meaning: 'the rule of the pool: the prompt that the question attends to most' },
  random: { label: 'Random', meaning: 'a prompt drawn at random: the mean over all prompts' },
  'best-single': {
    label: 'Best single',
    meaning:
      'one prompt for all questions of a twin: for each half of their subjects, the one that is right most often on the other half',
  },
  'most-confident': {
    label: 'Most confident',
    meaning: 'all prompts answer, and the answer with the highest mean log-probability of its own tokens is taken',
  },
  'best-of-pool': {
    label: 'Best of pool',
    meaning: 'right wherever any prompt is right: it knows the answer, so it is a bound and no rule that could be used',
  },
};

/** Pools that a recipe offers. */
export function toOfferedPools(offered: readonly string[]): readonly PoolKey[] {
  return POOL_KEYS.filter((pool) => offered.includes(pool));
}

export const NO_POOL =
  'The recipe on the page has no pool of prompts, so nothing is routed. Choose a shipped recipe with an IDP repair.';
