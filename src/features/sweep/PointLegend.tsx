import type { RegimeKey } from '../../core/recover/regime.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { type SourcedPoint, toSources } from './merge-results.ts';
import { toDecidedText } from './paired-words.ts';
import styles from './SweepPanel.module.css';

interface PointLegendProps {
  points: readonly SourcedPoint[];
  /** Stands for all regimes: what a mark says besides looks alike in each. */
  highlighted: RegimeKey;
  /** The figure shows accuracies, which are compared in pairs. */
  isCompared: boolean;
}

/** What marks say besides their regime, where points differ in it: whether the pack ships the recipe, where it was measured, and how much is decided. */
export function PointLegend({ points, highlighted, isCompared }: PointLegendProps) {
  const decided = isCompared ? toDecidedText(points) : null;
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
      {decided === null ? null : <span>{decided}</span>}
    </p>
  );
}
