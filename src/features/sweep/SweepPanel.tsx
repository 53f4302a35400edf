import { useDeferredValue, useEffect, useMemo } from 'react';
import type { PackRecipe } from '../../core/pack/manifest.ts';
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

const NOTHING_SHIPPED: readonly PackRecipe[] = [];

/** Every method at every level in every regime: the plan, the run, and three figures of what came of it. */
export function SweepPanel() {
  const plan = useSweepStore((state) => state.plan);
  const setPlan = useSweepStore((state) => state.setPlan);
  const start = useSweepStore((state) => state.start);
  const load = useSweepStore((state) => state.load);
  const left = useSweepStore((state) => state.left);
  // Hundreds of marks: what changes about them is drawn in slices, so that the page stays at hand.
  const recorded = useDeferredValue(useSweepStore((state) => state.recorded));
  const live = useDeferredValue(useSweepStore((state) => state.live));
  const highlighted = useBoardStore((state) => state.highlighted);
  const manifest = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest : null));
  const pack = manifest?.id ?? 'pack';
  const shipped = manifest?.recipes ?? NOTHING_SHIPPED;
  const points = useMemo(() => mergePoints(recorded, live, shipped), [recorded, live, shipped]);
  const measurements = countMeasurements(plan, shipped);
  useEffect(() => void load(), [load]);
  const sensitivity = live?.sensitivity === undefined || live.sensitivity === null ? recorded : live;
  return (
    <div className={styles.sweep}>
      <Panel title="Plan">
        <FoldWhenNarrow summary="Methods, levels, regimes and items">
          <SweepPlanForm plan={plan} recorded={recorded} shipped={shipped} onChange={setPlan} />
        </FoldWhenNarrow>
        <SweepRun
          of="points"
          look="primary"
          canStart={measurements > 0 && left !== 0}
          startLabel={toStartLabel(measurements, left)}
          onStart={start}
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
        <SensitivityFigure pack={pack} results={sensitivity} />
      </div>
    </div>
  );
}

/** What an earlier run, of this visit or one before, has measured is not measured again. */
function toStartLabel(measurements: number, left: number | null): string {
  if (left === null || left >= measurements) return `Run this sweep: ${formatCount(measurements)} measurements`;
  if (left === 0) return 'All of this sweep was measured here';
  return `Go on with this sweep: ${formatCount(left)} of ${formatCount(measurements)} measurements left`;
}
