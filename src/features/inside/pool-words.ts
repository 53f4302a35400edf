import type { Capture, PoolOutcome } from '../../core/inside/capture.ts';
import type { PoolRule, PoolRuleId } from '../../core/inside/pool-study.ts';
import type { Column } from '../../state/board-state.ts';
import { POOL_KEYS, type PoolKey, type PoolStudy } from '../../state/inside-state.ts';
import { toIntervalText } from '../../ui/captions.ts';
import { toOpenText } from '../../ui/comparison-words.ts';
import { formatBrackets, formatCount, formatP, formatPoints } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** The scores that a pool's choice rests on, wherever they come from. */
export interface PoolScores {
  scores: readonly number[]; // [numPrompts]
  chosen: number;
}

/** Where scores of a pool for the question in view may come from. */
interface ScoreSources {
  outcome: PoolOutcome | null;
  captured: Capture | null;
  columns: readonly Column[];
}

/** Scores of a pool for the question in view: of the prompts' own answers, of a capture, or of the answer on the board. */
export function toPoolScores(pool: PoolKey, { outcome, captured, columns }: ScoreSources): PoolScores | null {
  if (outcome !== null) return outcome;
  if (captured !== null && captured.routing !== null) return captured.routing;
  const column = columns.find(({ key, isStale }) => key === pool && !isStale);
  return column?.cell.status === 'done' ? column.cell.result.routing : null;
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
export const RULE_WORDS: Readonly<Record<PoolRuleId, { label: string; meaning: string }>> = {
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

/** What the test of a rule against most attention comes to, or why there is none. */
export function toRuleOutcome({ id, againstAttention }: PoolRule, study: PoolStudy): string {
  if (id === 'best-of-pool') return 'not tested: it knows the answer';
  if (againstAttention === null) return 'the others are tested against it';
  const open = toOpenText(againstAttention, study, 'questions');
  return open ?? `decided: ${againstAttention.difference.value > 0 ? 'better' : 'worse'} than most attention`;
}

/** `−12.0 points against most attention [−20.0, −4.0], p after Holm 0.004; decided: worse than most attention`; null where nothing is tested. */
export function toRuleTestText(rule: PoolRule, study: PoolStudy): string | null {
  if (rule.againstAttention === null) return null;
  const { difference, adjustedP } = rule.againstAttention;
  const figures = `${formatPoints(difference.value)} against most attention ${formatBrackets(difference)}`;
  return `${figures}, p after Holm ${formatP(adjustedP)}; ${toRuleOutcome(rule, study)}`;
}

/** How rules are tested, as the caption says it. */
export function toRuleFamilyText({ rules, presetItems }: PoolStudy): string {
  const tests = rules.flatMap(({ againstAttention }) => againstAttention ?? []);
  if (tests.length === 0) return '';
  const intervals = toIntervalText(
    tests.map(({ difference, subjects }) => ({ ...difference, ...(subjects === null ? {} : { subjects }) })),
  );
  return (
    `Declared family: ${formatCount(tests.length)} comparisons, each other rule against most attention; best of pool knows the answer and is left out. ` +
    `Differences are paired: its accuracy minus that of most attention on the same questions, ${intervals}, subjects drawn with both answers. ` +
    'p by McNemar’s exact test over subjects, two-sided (a random pick counts by its share of right prompts), after Holm over the family. ' +
    `Decided: p after Holm below 0.05, and not before the ${formatCount(presetItems)} questions that were set when the run began.`
  );
}

/** Pools that a recipe offers. */
export function toOfferedPools(offered: readonly string[]): readonly PoolKey[] {
  return POOL_KEYS.filter((pool) => offered.includes(pool));
}

export const NO_POOL =
  'The recipe on the page has no pool of prompts, so nothing is routed. Choose a shipped recipe with an IDP repair.';
