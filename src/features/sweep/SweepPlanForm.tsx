import { AXIS_OF, METHOD_IDS } from '../../core/compress/levels.ts';
import { METHODS } from '../../core/compress/methods.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import type { SweepPlan, SweepPoint } from '../../state/sweep-state.ts';
import { Button } from '../../ui/Button.tsx';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { formatLevel, toggleLevel, toggleRegime, toOfferedLevels, toPlannedLevels } from './plan-levels.ts';
import styles from './SweepPanel.module.css';

interface SweepPlanFormProps {
  plan: SweepPlan;
  /** Levels that were measured are offered too. */
  points: readonly SweepPoint[];
  onChange: (plan: SweepPlan) => void;
}

/** Items per regime that can be chosen: intervals of about 14, 10, 7 and 4 points at 50 % accuracy. */
const ITEM_COUNTS = ['50', '100', '200', '500'] as const;

/** A text prompt is the visitor's own words: a sweep over them would measure nothing that lasts. */
const SWEPT: readonly RegimeKey[] = REGIME_KEYS.filter((key) => key !== 'dense' && key !== 'text');

/** Which methods at which levels, in which regimes, on how many items. */
export function SweepPlanForm({ plan, points, onChange }: SweepPlanFormProps) {
  return (
    <div className={styles.plan}>
      <div className={styles.group}>
        <h3 className={styles.label}>Methods and levels</h3>
        <ul className={styles.methods}>
          {METHOD_IDS.map((method) => {
            const planned = toPlannedLevels(method, plan);
            const { label } = METHODS[method];
            return (
              <li key={method} className={styles.method}>
                <span className={styles.methodName}>
                  {label} <span className={styles.axis}>{AXIS_OF[method]}</span>
                </span>
                <span className={styles.chips}>
                  {toOfferedLevels(method, plan, points).map((level) => (
                    <Button
                      key={level}
                      look="level"
                      isPressed={planned.includes(level)}
                      label={`${label} ${formatLevel(method, level)}`}
                      onPress={() => onChange(toggleLevel(plan, method, level))}
                    >
                      {formatLevel(method, level)}
                    </Button>
                  ))}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
      <div className={styles.side}>
        <div className={styles.group}>
          <h3 className={styles.label}>Regimes, beside dense</h3>
          <div className={styles.chips}>
            {SWEPT.map((key) => (
              <Button
                key={key}
                look="chip"
                isPressed={plan.regimes.includes(key)}
                onPress={() => onChange(toggleRegime(plan, key))}
              >
                <RegimeMark regime={key} /> {toRegimeLook(key).label}
              </Button>
            ))}
          </div>
        </div>
        <SegmentedControl
          label="Items per recipe and regime"
          segments={ITEM_COUNTS.map((count) => ({ value: count, label: count }))}
          value={ITEM_COUNTS.find((count) => Number(count) === plan.itemsPerRegime) ?? ITEM_COUNTS[0]}
          onChange={(count) => onChange({ ...plan, itemsPerRegime: Number(count) })}
        />
      </div>
    </div>
  );
}
