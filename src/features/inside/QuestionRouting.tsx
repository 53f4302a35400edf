import type { PoolOutcome } from '../../core/inside/capture.ts';
import type { Looked, PoolKey } from '../../state/inside-state.ts';
import type { ResultSource } from '../../state/results.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { formatScore } from '../../ui/charts/ScoreBars.tsx';
import { type ValueRow, ValueRows } from '../../ui/charts/ValueRows.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { Verdict } from '../../ui/Verdict.tsx';
import { type PoolScores, toPoolTitle, toPromptName, toRunnerUp, toSurest } from './pool-words.ts';
import { formatConfidence, QUESTION_COLUMNS, toQuestionExport, toQuestionRows } from './question-table.ts';
import { useQuestionNotes } from './use-notes.ts';
import styles from './views.module.css';

interface QuestionRoutingProps {
  pack: string;
  pool: PoolKey;
  /** Null before anything was routed. */
  scored: PoolScores | null;
  asked: Looked<PoolOutcome>;
  /** Of what was routed and asked here; null while no model runs. */
  source: ResultSource | null;
}

/** One pool and the question in view: every prompt's attention, the choice, and what each prompt would have answered. */
export function QuestionRouting({ pack, pool, scored, asked, source }: QuestionRoutingProps) {
  const outcome = asked.status === 'ready' ? asked.of : null;
  const notes = useQuestionNotes([pool]);
  return (
    <ChartFigure
      title={toPoolTitle(pool)}
      badge={source === null || scored === null ? null : <SourceBadge source={source} />}
      run={<AskedState pool={pool} asked={asked} />}
      chart={
        scored === null ? (
          <p className={styles.state}>Not routed yet.</p>
        ) : (
          <div className={styles.part}>
            <p className={styles.finding}>{toChoiceText(scored)}</p>
            <ValueRows
              rows={toRows(pool, scored, outcome)}
              label={`Mean attention of every prompt of ${toRegimeLook(pool).label}`}
              axisTitle="mean attention"
              formatTick={(tick) => String(tick)}
            />
          </div>
        )
      }
      table={
        <DataTable
          caption={`Prompts of ${toRegimeLook(pool).label} and the question in view`}
          columns={QUESTION_COLUMNS}
          rows={scored === null ? [] : toQuestionRows(scored, outcome)}
        />
      }
      caption={
        <>
          Mean attention: what the question’s tokens pay to a prompt’s vectors in the first layer, all prompts side by
          side, averaged over heads, tokens and the prompt’s vectors; the pool is routed by it. Filled: chosen;
          outlined: runner-up. Confidence: mean log-probability of a prompt’s own greedy tokens, end token included, in
          nat per token; 0 is certainty.
          {source === null || scored === null ? '' : ` ${notes}${toSourceText(source)}`}
        </>
      }
      exported={toQuestionExport(pack, pool, scored, outcome, source?.date ?? null)}
    />
  );
}

function AskedState({ pool, asked }: { pool: PoolKey; asked: Looked<PoolOutcome> }) {
  if (asked.status === 'failed') return <ErrorNotice error={asked.error} />;
  if (asked.status !== 'running') return null;
  const { done, total } = asked;
  return (
    <ProgressMeter
      label={`Asking every prompt of ${toRegimeLook(pool).label}`}
      share={total > 1 ? done / total : null}
    />
  );
}

function toChoiceText(scored: PoolScores): string {
  const { scores, chosen } = scored;
  if (scores.length === 1) return 'The pool has one prompt, so there is nothing to choose.';
  const runnerUp = toRunnerUp(scored);
  if (runnerUp === null) return 'No prompt has a finite score, so the choice means nothing.';
  return `${toPromptName(chosen)} of ${scores.length} is chosen, ${formatScore(runnerUp.margin)} (${formatShare(runnerUp.margin / (scores[chosen] ?? Number.NaN))} of its score) ahead of prompt ${runnerUp.prompt + 1}.`;
}

function toRows(pool: PoolKey, scored: PoolScores, outcome: PoolOutcome | null): readonly ValueRow[] {
  const { color } = toRegimeLook(pool);
  const runnerUp = toRunnerUp(scored)?.prompt;
  const surest = outcome === null ? -1 : toSurest(outcome);
  return scored.scores.map((score, i): ValueRow => {
    const isChosen = i === scored.chosen;
    const isRunnerUp = i === runnerUp;
    const answer = outcome?.answers[i];
    return {
      id: String(i),
      label: isChosen ? <b>{toPromptName(i)}</b> : toPromptName(i),
      estimate: { value: score, low: null, high: null, n: 1 },
      color: isChosen || isRunnerUp ? color : 'var(--ink-3)',
      look: isChosen ? 'solid' : isRunnerUp ? 'outline' : 'soft',
      values: (
        <>
          <b>{formatScore(score)}</b> <span>{isChosen ? 'chosen' : isRunnerUp ? 'runner-up' : ''}</span>
        </>
      ),
      ...(answer === undefined
        ? {}
        : {
            below: (
              <span className={styles.answer}>
                {answer.isRight === null ? null : <Verdict isRight={answer.isRight} />}
                <span>{answer.text.trim() === '' ? '(empty answer)' : answer.text.trim()}</span>
                <span className={styles.confidence}>
                  confidence {formatConfidence(answer.confidence)}
                  {i === surest && scored.scores.length > 1 ? ', the surest' : ''}
                </span>
              </span>
            ),
          }),
    };
  });
}
