import { useBoardStore, usePackStore, useSweepStore } from '../../state/hooks.ts';
import { FoldWhenNarrow } from '../../ui/FoldWhenNarrow.tsx';
import { formatCount } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { LevelFigure } from './LevelFigure.tsx';
import { mergePoints } from './merge-results.ts';
import { ParetoFigure } from './ParetoFigure.tsx';
import { countMeasurements } from './plan-levels.ts';
import { SensitivityFigure } from './SensitivityFigure.tsx';
import styles from './SweepPanel.module.css';
import { SweepPlanForm } from './SweepPlanForm.tsx';
import { SweepRun } from './SweepRun.tsx';

/** Every method at every level in every regime: the plan, the run, and three figures of what came of it. */
export function SweepPanel() {
  const sweep = useSweepStore((state) => state);
  const highlighted = useBoardStore((state) => state.highlighted);
  const manifest = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest : null));
  const pack = manifest?.id ?? 'pack';
  const shipped = manifest?.recipes ?? [];
  const { plan, live, recorded } = sweep;
  const points = mergePoints(recorded, live, shipped);
  const measurements = countMeasurements(plan, shipped);
  const sensitivity = live?.sensitivity === undefined || live.sensitivity === null ? recorded : live;
  return (
    <div className={styles.sweep}>
      <Panel title="Plan">
        <FoldWhenNarrow summary="Methods, levels, regimes and items">
          <SweepPlanForm plan={plan} points={points} shipped={shipped} onChange={sweep.setPlan} />
        </FoldWhenNarrow>
        <SweepRun
          sweep={sweep}
          of="points"
          look="primary"
          canStart={measurements > 0}
          startLabel={`Run this sweep: ${formatCount(measurements)} measurements`}
          onStart={sweep.start}
        />
        {measurements === 0 ? <p className={styles.state}>Choose a level and a regime to measure.</p> : null}
      </Panel>
      {points.length === 0 ? (
        <Notice tone="plain">
          <p>Nothing was swept yet. What the plan measures is drawn here as it comes.</p>
        </Notice>
      ) : (
        <LevelFigure pack={pack} points={points} highlighted={highlighted} />
      )}
      <div className={styles.pair}>
        {points.length === 0 ? null : <ParetoFigure pack={pack} points={points} highlighted={highlighted} />}
        <SensitivityFigure pack={pack} results={sensitivity} sweep={sweep} />
      </div>
    </div>
  );
}
