import { type ReactNode, useEffect } from 'react';
import { VERDICT_RULES, type Verdict } from '../../core/eval/verdict.ts';
import type { FateFinding, FateFindings } from '../../state/fates-state.ts';
import {
  useBoardStore,
  useEvaluateStore,
  useFatesStore,
  usePackStore,
  useRecipeStore,
  useRecordedSet,
} from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { toIntervalText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { UNKNOWN } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { ClaimsFigure } from './ClaimsFigure.tsx';
import { FateBars } from './FateBars.tsx';
import { FatesRun } from './FatesRun.tsx';
import { FATE_COLUMNS, toFateExport, toFateRows, toWeighed } from './fate-tables.ts';
import { SourceChoice } from './SourceChoice.tsx';
import { useFindings } from './use-findings.ts';
import styles from './VerdictPanel.module.css';
import { toBaseText, toNullText, toRule, toSentence } from './words.ts';

/** Forgotten or displaced: what each repair brought back of the facts that the recipe in view lost, and what follows from it. */
export function VerdictPanel() {
  const load = useFatesStore((state) => state.load);
  const { phase } = useFindings();
  const recipeLabel = useRecipeLabel();
  useEffect(load, [load]);
  return (
    <section className={styles.verdict} aria-labelledby="verdict-title">
      <div className={styles.head}>
        <h2 id="verdict-title" className={styles.title}>
          Forgotten or displaced?
        </h2>
        {recipeLabel === null ? null : <p className={styles.recipe}>{recipeLabel}</p>}
        <div className={styles.choice}>
          <SourceChoice />
        </div>
      </div>
      {toContent()}
    </section>
  );

  function toContent(): ReactNode {
    switch (phase.status) {
      case 'loading':
        return <p className={styles.note}>Reading which questions every regime got right.</p>;
      case 'none':
        return (
          <div className={styles.empty}>
            <p className={styles.note}>
              No answers were recorded for this recipe. Choose a shipped one, or ask every fact here: the repairs of the
              nearest recipe stand in, and the page says so.
            </p>
            <FatesRun />
          </div>
        );
      case 'failed':
        return <ErrorNotice error={phase.error} actions={<Button onPress={load}>Try again</Button>} />;
      case 'ready':
        return <Findings of={phase.of} />;
      default:
        return phase satisfies never;
    }
  }
}

/** What the pack calls the recipe in view; null for any other. */
function useRecipeLabel(): string | null {
  const presetId = useRecipeStore((state) => state.presetId);
  return usePackStore(({ pack }) =>
    pack.status === 'ready' ? (pack.manifest.recipes.find(({ id }) => id === presetId)?.label ?? null) : null,
  );
}

function Findings({ of }: { of: FateFindings }) {
  const highlighted = useBoardStore((state) => state.highlighted);
  const pack = usePackStore(({ pack: phase }) => (phase.status === 'ready' ? phase.manifest : null));
  const live = useEvaluateStore((state) => state.live);
  const recordedSet = useRecordedSet();
  const finding = of.findings.find(({ key }) => key === highlighted);
  const isTimed = live?.rows.some(({ latency }) => latency !== null) ?? false;
  const badge = <SourceBadge source={of.set.source} />;
  return (
    <>
      <p className={styles.sentence} aria-live="polite">
        {toSentence(of, finding)}
      </p>
      {finding?.verdict == null ? null : <Rules finding={finding} verdict={finding.verdict} />}
      <div className={styles.figures}>
        <ChartFigure
          title="What became of the lost facts"
          badge={badge}
          chart={<FateBars of={of} highlighted={highlighted} />}
          table={<DataTable caption="Facts per fate" columns={FATE_COLUMNS} rows={toFateRows(of)} />}
          caption={
            <>
              {toBaseText(of)} A fact counts as right when at least 2 of its 3 questions are. The line below a bar, and
              brackets, are {toIntervalText(of.findings.map(({ report }) => report.ofDamaged.displaced))}.{' '}
              {toNullText(of)} {of.isComputing ? 'More repairs are being computed. ' : ''}
              {toSourceText(of.set.source)}
            </>
          }
          exported={toFateExport(pack?.id ?? 'pack', of)}
        />
        {pack === null ? null : (
          <ClaimsFigure source={of.set.source} manifest={pack} timed={isTimed ? live : recordedSet} />
        )}
      </div>
    </>
  );
}

/** The rule that the sentence follows from, all others behind it, and the figures that they weigh. */
function Rules({ finding, verdict }: { finding: FateFinding; verdict: Verdict }) {
  return (
    <>
      <details className={styles.rules}>
        <summary>
          <b>Rule:</b> {toRule(verdict)}.
        </summary>
        <p>
          The first of these rules that holds gives the sentence. Every interval is one of 95{'\u00a0'}%, without a
          correction for the number of repairs; p is of McNemar’s exact test over subjects, unadjusted.
        </p>
        <ol>
          {VERDICT_RULES.map(({ kind, when }) => (
            <li key={kind} data-holds={kind === verdict.kind}>
              {when}
            </li>
          ))}
        </ol>
      </details>
      <dl className={styles.weighed} aria-label="What the rules weigh">
        {toWeighed(finding).map(({ name, text }) =>
          text === UNKNOWN ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ),
        )}
      </dl>
    </>
  );
}
