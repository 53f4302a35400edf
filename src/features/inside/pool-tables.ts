import type { ShareEstimate } from '../../core/eval/outcomes.ts';
import type { PoolRule } from '../../core/inside/pool-study.ts';
import type { PoolStudy } from '../../state/inside-state.ts';
import { toMethodWord } from '../../ui/captions.ts';
import { type ExportCell, type FigureExport, toSubjectCells, toSubjectColumns } from '../../ui/charts/figure-export.ts';
import type { HeatCell } from '../../ui/charts/HeatMap.tsx';
import {
  formatBrackets,
  formatCount,
  formatInterval,
  formatP,
  formatPoints,
  formatShare,
  UNKNOWN,
} from '../../ui/format.ts';
import { RULE_WORDS, toPromptName, toRuleOutcome } from './pool-words.ts';

export const RULE_COLUMNS = [
  'Rule',
  'Accuracy',
  '95 % interval',
  'Interval by',
  'Minus most attention',
  '95 % interval of it',
  'p',
  'p after Holm',
  'Result',
  'Questions',
  'Subjects',
  'What it does',
];

export function toRuleRows(study: PoolStudy) {
  return study.rules.map((rule) => {
    const { id, accuracy, againstAttention } = rule;
    const difference = againstAttention?.difference ?? null;
    return {
      key: id,
      cells: [
        RULE_WORDS[id].label,
        formatShare(accuracy.value),
        formatInterval(accuracy, formatShare),
        toMethodWord(accuracy.method),
        formatPoints(difference?.value ?? null),
        formatInterval(difference, formatPoints),
        formatP(againstAttention?.p ?? null),
        formatP(againstAttention?.adjustedP ?? null),
        toRuleOutcome(rule, study),
        formatCount(study.n),
        formatCount(accuracy.subjects),
        RULE_WORDS[id].meaning,
      ],
    };
  });
}

export function toRuleExport(pack: string, study: PoolStudy): FigureExport {
  return {
    pack,
    measure: `${study.pool}-rules`,
    date: study.source.date,
    columns: [
      { name: 'rule' },
      ...toSubjectColumns('accuracy', 'share', 'questions'),
      ...toSubjectColumns('accuracy minus most attention', 'share', 'compared questions'),
      ...['p', 'p after Holm', 'family size', 'preset questions', 'decided', 'result'].map((name) => ({ name })),
    ],
    rows: study.rules.map((rule) => [
      rule.id,
      ...toSubjectCells({ ...rule.accuracy, n: study.n }),
      ...toRuleTestCells(rule, study),
    ]),
  };
}

function toRuleTestCells(rule: PoolRule, study: PoolStudy): readonly ExportCell[] {
  const { againstAttention } = rule;
  if (againstAttention === null)
    return [...toSubjectCells(null), null, null, null, null, null, toRuleOutcome(rule, study)];
  const { difference, items, subjects, p, adjustedP, isDecided } = againstAttention;
  const familySize = study.rules.filter((each) => each.againstAttention !== null).length;
  return [
    ...toSubjectCells({ ...difference, n: items, ...(subjects === null ? {} : { subjects }) }),
    ...[p, adjustedP, familySize, study.presetItems, isDecided],
    toRuleOutcome(rule, study),
  ];
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

/** How often each prompt is right, with the share that it is of the row and its interval. */
export interface PromptShares extends PromptCounts {
  shares: readonly ShareEstimate[]; // [numPrompts]
}

/** The cells of `toCountCells`, each with the interval of its share. */
export function toRightCells(row: PromptShares): readonly HeatCell[] {
  return toCountCells(row, 'right').map((cell, i) => {
    const share = row.shares[i];
    if (share === undefined) return cell;
    const made = `over ${formatCount(share.subjects)} subjects, ${toMethodWord(share.method)}`;
    return { ...cell, description: `${cell.description} ${formatBrackets(share)} ${made}` };
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
  return byRelation.map(({ relation, counts, rightCounts, rightShares, n }) => {
    const name = toLabel(relation);
    return { relation, chosen: { name, counts, n }, right: { name, counts: rightCounts, shares: rightShares, n } };
  });
}

/** Headings of `toRelationRows`. */
export function toRelationColumns(study: PoolStudy): readonly string[] {
  const names = toPromptNames(study);
  const toRight = (name: string) => [`${name} right`, `${name} right, share`, `${name} right, 95 % interval`];
  return ['Relation', 'Questions', ...names.map((name) => `${name} chosen`), ...names.flatMap(toRight)];
}

/** How often each prompt is chosen and right, with the interval of what is right. */
export function toRelationRows(rows: ReturnType<typeof toRelationCounts>) {
  return rows.map(({ relation, chosen, right }) => ({
    key: relation,
    cells: [
      chosen.name,
      ...[chosen.n, ...chosen.counts].map((count) => formatCount(count)),
      ...right.counts.flatMap((count, i) => {
        const share = right.shares[i] ?? null;
        return [formatCount(count), formatShare(share?.value ?? null), formatInterval(share, formatShare)];
      }),
    ],
  }));
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
      ...names.flatMap((name) => toSubjectColumns(`${name} right share`, 'share', `${name} right share questions`)),
    ],
    rows: study.byRelation.map(({ relation, counts, rightCounts, rightShares, n }) => [
      relation,
      ...[n, ...counts, ...rightCounts],
      ...rightShares.flatMap((share) => toSubjectCells({ ...share, n })),
    ]),
  };
}
