import type { RegimeKey } from '../../core/recover/regime.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { type SourcedPoint, toSources } from './merge-results.ts';
import styles from './SweepPanel.module.css';

interface PointLegendProps {
  points: readonly SourcedPoint[];
  /** Stands for all regimes: what a mark says besides looks alike in each. */
  highlighted: RegimeKey;
}

/** What marks say besides their regime, where points differ in it: whether the pack ships the recipe, and where it was measured. */
export function PointLegend({ points, highlighted }: PointLegendProps) {
  const isMixed = toSources(points).length > 1;
  return (
    <p className={styles.legend}>
      {points.some(({ isShipped }) => isShipped) ? (
        <span>
          <RegimeMark regime={highlighted} isRimmed /> recipe of the pack, with repairs trained for it
        </span>
      ) : null}
      {isMixed ? (
        <>
          <span>
            <RegimeMark regime={highlighted} isHollow /> recorded
          </span>
          <span>
            <RegimeMark regime={highlighted} /> measured here
          </span>
        </>
      ) : null}
    </p>
  );
}
