import type { PoolOutcome } from '../../core/inside/capture.ts';
import type { PoolKey, PoolStudy } from '../../state/inside-state.ts';
import { type FigureExport, toEstimateCells, toEstimateColumns } from '../../ui/charts/figure-export.ts';
import type { HeatCell } from '../../ui/charts/HeatMap.tsx';
import { formatScore } from '../../ui/charts/ScoreBars.tsx';
import { formatCount, formatInterval, formatShare, UNKNOWN } from '../../ui/format.ts';
import { type PoolScores, RULE_WORDS, toPromptName, toRunnerUp } from './pool-words.ts';

/** Headings and rows of the table of one question. */
export const QUESTION_COLUMNS = ['Prompt', 'Mean attention', 'Place', 'Answer', 'Right', 'Confidence, nat per token'];

export function toQuestionRows(scored: PoolScores, outcome: PoolOutcome | null) {
  const runnerUp = toRunnerUp(scored)?.prompt ?? -1;
  return scored.scores.map((score, i) => {
    const answer = outcome?.answers[i];
    return {
      key: String(i),
      cells: [
        toPromptName(i),
        formatScore(score),
        i === scored.chosen ? 'chosen' : i === runnerUp ? 'runner-up' : '',
        answer === undefined ? 'not asked' : answer.text.trim(),
        toRightWord(answer?.isRight ?? null),
        formatConfidence(answer?.confidence ?? null),
      ],
    };
  });
}

function toRightWord(isRight: boolean | null): string {
  return isRight === null ? UNKNOWN : isRight ? 'right' : 'wrong';
}

/** A mean log-probability: never above 0, so its sign is always printed. */
export function formatConfidence(confidence: number | null): string {
  if (confidence === null || !Number.isFinite(confidence)) return UNKNOWN;
  return confidence.toFixed(confidence > -0.01 ? 4 : 2).replace('-', '−');
}

export function toQuestionExport(
  pack: string,
  pool: PoolKey,
  scored: PoolScores | null,
  outcome: PoolOutcome | null,
  date: string | null,
): FigureExport {
  const runnerUp = scored === null ? -1 : (toRunnerUp(scored)?.prompt ?? -1);
  return {
    pack,
    measure: `${pool}-routing`,
    date,
    columns: [
      { name: 'prompt' },
      { name: 'mean attention', unit: 'probability' },
      { name: 'chosen' },
      { name: 'runner-up' },
      { name: 'answer' },
      { name: 'right' },
      { name: 'confidence', unit: 'nat per token' },
    ],
    rows: (scored?.scores ?? []).map((score, i) => {
      const answer = outcome?.answers[i];
      const said = [answer?.text ?? null, answer?.isRight ?? null, answer?.confidence ?? null];
      return [i + 1, score, i === scored?.chosen, i === runnerUp, ...said];
    }),
  };
}

export const RULE_COLUMNS = ['Rule', 'Accuracy', '95 % interval', 'Questions', 'What it does'];

export function toRuleRows({ rules, n }: PoolStudy) {
  return rules.map(({ id, accuracy }) => ({
    key: id,
    cells: [
      RULE_WORDS[id].label,
      formatShare(accuracy.value),
      formatInterval(accuracy, formatShare),
      formatCount(n),
      RULE_WORDS[id].meaning,
    ],
  }));
}

export function toRuleExport(pack: string, study: PoolStudy): FigureExport {
  return {
    pack,
    measure: `${study.pool}-rules`,
    date: study.source.date,
    columns: [{ name: 'rule' }, ...toEstimateColumns('accuracy', 'share', 'questions')],
    rows: study.rules.map(({ id, accuracy }) => [id, ...toEstimateCells({ ...accuracy, n: study.n })]),
  };
}

/** What is counted per prompt, in one row of a map. */
export interface PromptCounts {
  name: string;
  counts: readonly number[];
  /** Questions of the row. */
  n: number;
}

/** Shares of a row's questions as shaded cells; a row without questions has none. */
export function toCountCells({ name, counts, n }: PromptCounts, verb: string): readonly HeatCell[] {
  return counts.map((count, i) => {
    const place = `${name}, ${toPromptName(i).toLowerCase()}`;
    if (n === 0) return { share: null, text: UNKNOWN, description: `${place}: no questions` };
    const share = count / n;
    return {
      share,
      text: formatShare(share, 0),
      description: `${place}: ${verb} for ${formatCount(count)} of ${formatCount(n)} questions, ${formatShare(share)}`,
    };
  });
}

/** Rows of the map by domain. */
export function toDomainCounts({ byDomain }: PoolStudy): readonly PromptCounts[] {
  return byDomain.map(({ domain, counts }) => ({
    name: domain.replaceAll('_', ' '),
    counts,
    n: counts.reduce((sum, count) => sum + count, 0),
  }));
}

/** Rows of the two maps by relation, under the relation's label. */
export function toRelationCounts({ byRelation }: PoolStudy, toLabel: (relation: string) => string) {
  return byRelation.map(({ relation, counts, rightCounts, n }) => {
    const name = toLabel(relation);
    return { relation, chosen: { name, counts, n }, right: { name, counts: rightCounts, n } };
  });
}

export function toPromptNames({ numPrompts }: PoolStudy): readonly string[] {
  return Array.from({ length: numPrompts }, (_, i) => toPromptName(i));
}

/** A column of words and numbers per prompt behind a row's own. */
export function toCountTable(rows: readonly PromptCounts[]) {
  return rows.map(({ name, counts, n }) => ({
    key: name,
    cells: [name, formatCount(n), ...counts.map((count) => formatCount(count))],
  }));
}

export function toDomainExport(pack: string, study: PoolStudy): FigureExport {
  return {
    pack,
    measure: `${study.pool}-choice-by-domain`,
    date: study.source.date,
    columns: [
      { name: 'domain' },
      { name: 'questions' },
      ...toPromptNames(study).map((name) => ({ name: `${name} chosen` })),
    ],
    rows: toDomainCounts(study).map(({ name, counts, n }) => [name, n, ...counts]),
  };
}

export function toRelationExport(pack: string, study: PoolStudy): FigureExport {
  const names = toPromptNames(study);
  return {
    pack,
    measure: `${study.pool}-choice-by-relation`,
    date: study.source.date,
    columns: [
      { name: 'relation' },
      { name: 'questions' },
      ...names.map((name) => ({ name: `${name} chosen` })),
      ...names.map((name) => ({ name: `${name} right` })),
    ],
    rows: study.byRelation.map(({ relation, counts, rightCounts, n }) => [relation, n, ...counts, ...rightCounts]),
  };
}
