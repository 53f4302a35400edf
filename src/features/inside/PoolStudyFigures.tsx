import type { PoolRule } from '../../core/inside/pool-study.ts';
import { usePackStore } from '../../state/hooks.ts';
import type { PoolStudy } from '../../state/inside-state.ts';
import { toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { HeatMap } from '../../ui/charts/HeatMap.tsx';
import { SHARE_SCALE } from '../../ui/charts/scale.ts';
import { type ValueRow, ValueRows } from '../../ui/charts/ValueRows.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatBrackets, formatCount, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import {
  type PromptCounts,
  RULE_COLUMNS,
  toCountCells,
  toCountTable,
  toDomainCounts,
  toDomainExport,
  toPromptNames,
  toRelationColumns,
  toRelationCounts,
  toRelationExport,
  toRelationRows,
  toRightCells,
  toRuleExport,
  toRuleRows,
} from './pool-tables.ts';
import { RULE_WORDS, toRuleFamilyText, toRuleOutcome, toRuleTestText } from './pool-words.ts';
import { useRecipeNotes } from './use-notes.ts';
import styles from './views.module.css';

interface StudyProps {
  pack: string;
  study: PoolStudy;
}

/** The accuracy of every rule of choice, on the same questions. */
export function RulesFigure({ pack, study }: StudyProps) {
  const notes = useRecipeNotes([study.pool]);
  return (
    <ChartFigure
      title={`Which rule chooses best: ${toRegimeLook(study.pool).label}`}
      badge={<SourceBadge source={study.source} />}
      chart={
        <ValueRows
          rows={study.rules.map((rule) => toRuleRow(rule, study))}
          label="Accuracy of every rule of choice. The table gives the intervals."
          axisTitle="exact match, 95 % interval"
          formatTick={(tick) => formatShare(tick, 0)}
          scale={SHARE_SCALE}
        />
      }
      table={<DataTable caption="Accuracy by rule of choice" columns={RULE_COLUMNS} rows={toRuleRows(study)} />}
      caption={
        <>
          {study.rules.map(({ id }) => `${RULE_WORDS[id].label}: ${RULE_WORDS[id].meaning}.`).join(' ')} Exact match on{' '}
          {toCountsText(study)}; whiskers and brackets behind accuracies are{' '}
          {toIntervalText(study.rules.map(({ accuracy }) => accuracy))}. {toRuleFamilyText(study)} {notes}
          {toSourceText(study.source)}
        </>
      }
      exported={toRuleExport(pack, study)}
    />
  );
}

function toRuleRow(rule: PoolRule, study: PoolStudy): ValueRow {
  const { id, accuracy } = rule;
  const { pool, n } = study;
  const below = toRuleTestText(rule, study) ?? (id === 'best-of-pool' ? toRuleOutcome(rule, study) : null);
  return {
    id,
    label: RULE_WORDS[id].label,
    estimate: { ...accuracy, n },
    color: id === 'attention' ? toRegimeLook(pool).color : 'var(--ink-3)',
    look: id === 'attention' ? 'solid' : id === 'best-of-pool' ? 'outline' : 'soft',
    values: (
      <>
        <b>{formatShare(accuracy.value)}</b> <span>{formatBrackets(accuracy)}</span>
      </>
    ),
    ...(below === null ? {} : { below }),
  };
}

/** How often each prompt is chosen, domain by domain. */
export function DomainFigure({ pack, study }: StudyProps) {
  const notes = useRecipeNotes([study.pool]);
  const rows = toDomainCounts(study);
  const names = toPromptNames(study);
  return (
    <ChartFigure
      title="Choice by domain"
      badge={null}
      chart={
        <div className={styles.domains}>
          <HeatMap
            caption="Share of a domain’s questions for which each prompt is chosen: domains down, prompts across"
            columns={names}
            rows={rows.map((row) => ({ name: toRowName(row), cells: toCountCells(row, 'chosen') }))}
            legend={{ title: 'chosen, share of the row', least: formatShare(0, 0), most: formatShare(1, 0) }}
          />
        </div>
      }
      table={
        <DataTable
          caption="How often each prompt is chosen, by domain"
          columns={['Domain', 'Questions', ...names.map((name) => `${name} chosen`)]}
          rows={toCountTable(rows)}
        />
      }
      caption={`${toCountsText(study)}; every row adds up to 100\u00a0%. ${TWINS} ${notes}${toSourceText(study.source)}`}
      exported={toDomainExport(pack, study)}
    />
  );
}

/** Which prompt is chosen for which relation, and beside it which prompt is right there. */
export function RelationFigure({ pack, study }: StudyProps) {
  const notes = useRecipeNotes([study.pool]);
  const relations = usePackStore(({ facts }) => (facts.status === 'ready' ? facts.relations : null));
  const rows = toRelationCounts(study, (relation) => relations?.get(relation)?.label ?? relation);
  const names = toPromptNames(study);
  return (
    <ChartFigure
      title="Confusion: choice by relation"
      badge={null}
      chart={
        <div className={`${styles.pair} ${styles.relations}`}>
          <HeatMap
            caption="Share of a relation’s questions for which each prompt is chosen: relations down, prompts across"
            columns={names}
            rows={rows.map(({ chosen }) => ({ name: toRowName(chosen), cells: toCountCells(chosen, 'chosen') }))}
            legend={{ title: 'chosen, share of the row', least: formatShare(0, 0), most: formatShare(1, 0) }}
          />
          <HeatMap
            caption="Share of a relation’s questions that each prompt answers right: relations down, prompts across"
            columns={names}
            rows={rows.map(({ right }) => ({ name: toRowName(right), cells: toRightCells(right) }))}
            legend={{ title: 'right, if it had been chosen', least: formatShare(0, 0), most: formatShare(1, 0) }}
          />
        </div>
      }
      table={
        <DataTable
          caption="How often each prompt is chosen and right, by relation"
          columns={toRelationColumns(study)}
          rows={toRelationRows(rows)}
          isLong
        />
      }
      caption={
        <>
          {toCountsText(study)}. Left: what the attention chose. Right: how often each prompt is right on the same
          questions, which needs their answers; a good choice is dark on the left where the right is dark. A cell on the
          right tells its interval when it is pointed at, and the table has all of them:{' '}
          {toIntervalText(study.byRelation.flatMap(({ rightShares }) => rightShares))} of a relation. No cell is tested
          against another. {TWINS} {notes}
          {toSourceText(study.source)}
        </>
      }
      exported={toRelationExport(pack, study)}
    />
  );
}

/** The row's own count stands behind its name: shares of few questions say little. */
function toRowName({ name, n }: PromptCounts): string {
  return `${name} (${formatCount(n)})`;
}

/** What a prompt's number means where two twins answer. */
const TWINS = 'Twins number their prompts alike: prompt 1 stands for the first of either.';

function toCountsText({ n }: PoolStudy): string {
  return `${formatCount(n)} questions, each asked of the twin of the pool that was not trained on its fact`;
}
