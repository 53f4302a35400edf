import { type ReactNode, useEffect } from 'react';
import { useFatesStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { DoseFigure } from './DoseFigure.tsx';
import { FactMapFigure } from './FactMapFigure.tsx';
import styles from './FactsPanel.module.css';
import { FatesRun } from './FatesRun.tsx';
import { SourceChoice } from './SourceChoice.tsx';
import { useFindings } from './use-findings.ts';

/** Fact by fact, what compression and each repair did; and the same over all shipped recipes. */
export function FactsPanel() {
  const load = useFatesStore((state) => state.load);
  const { phase } = useFindings();
  useEffect(load, [load]);
  return (
    <div className={styles.facts}>
      <Panel title="Facts" aside={<SourceChoice />}>
        <FatesRun />
        {toNote()}
      </Panel>
      {phase.status === 'ready' ? <FactMapFigure of={phase.of} /> : null}
      <DoseFigure />
    </div>
  );

  function toNote(): ReactNode {
    switch (phase.status) {
      case 'loading':
        return <p className={styles.note}>Reading which questions every regime got right.</p>;
      case 'none':
        return (
          <p className={styles.note}>
            No answers were recorded for this recipe. Choose a shipped one, or ask every fact here.
          </p>
        );
      case 'failed':
        return <ErrorNotice error={phase.error} actions={<Button onPress={load}>Try again</Button>} />;
      case 'ready':
        return null;
      default:
        return phase satisfies never;
    }
  }
}
