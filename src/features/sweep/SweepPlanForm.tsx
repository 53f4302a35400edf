import { memo, useId } from 'react';
import { AXIS_OF, METHOD_IDS } from '../../core/compress/levels.ts';
import { METHODS } from '../../core/compress/methods.ts';
import type { MethodId } from '../../core/compress/recipe.ts';
import type { PackRecipe } from '../../core/pack/manifest.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import type { SweepPlan, SweepResults } from '../../state/sweep-state.ts';
import { CheckField } from '../../ui/CheckField.tsx';
import { formatCount } from '../../ui/format.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { ToggleGroup } from '../../ui/ToggleGroup.tsx';
import { formatLevel, toOfferedLevels, toPlannedLevels, withLevels } from './plan-levels.ts';
import styles from './SweepPanel.module.css';

interface SweepPlanFormProps {
  plan: SweepPlan;
  /** Levels that were recorded are offered too. */
  recorded: SweepResults | null;
  shipped: readonly PackRecipe[];
  onChange: (plan: SweepPlan) => void;
}

/** Items per regime that can be chosen: intervals of about 14, 10, 7 and 4 points at 50 % accuracy. */
const ITEM_COUNTS: readonly number[] = [50, 100, 200, 500];

/** A text prompt is the visitor's own words: a sweep over them would measure nothing that lasts. */
const SWEPT: readonly RegimeKey[] = REGIME_KEYS.filter((key) => key !== 'dense' && key !== 'text');

/** Which methods at which levels, in which regimes, on how many items. */
export const SweepPlanForm = memo(function SweepPlanForm(props: SweepPlanFormProps) {
  const { plan, recorded, shipped, onChange } = props;
  const regimesId = useId();
  return (
    <div className={styles.plan}>
      <div className={styles.group}>
        <h3 className={styles.label}>Methods and levels</h3>
        <ul className={styles.methods}>
          {METHOD_IDS.map((method) => (
            <MethodLevels
              key={method}
              method={method}
              offered={toOfferedLevels(method, plan, recorded?.points ?? [])}
              planned={toPlannedLevels(method, plan)}
              onChange={(levels) => onChange(withLevels(plan, method, levels))}
            />
          ))}
        </ul>
      </div>
      <div className={styles.side}>
        {shipped.length === 0 ? null : (
          <div className={styles.group}>
            <h3 className={styles.label}>Shipped recipes</h3>
            <CheckField
              isChecked={plan.withShipped}
              onChange={(withShipped) => onChange({ ...plan, withShipped })}
            >{`All ${formatCount(shipped.length)} of the pack, in their own options`}</CheckField>
          </div>
        )}
        <div className={styles.group}>
          <h3 id={regimesId} className={styles.label}>
            Regimes, beside dense
          </h3>
          <ToggleGroup
            labelId={regimesId}
            look="chip"
            toggles={SWEPT.map((key) => ({
              value: key,
              label: (
                <>
                  <RegimeMark regime={key} /> {toRegimeLook(key).label}
                </>
              ),
            }))}
            chosen={plan.regimes}
            onChange={(regimes) => onChange({ ...plan, regimes })}
          />
        </div>
        <SegmentedControl
          label="Items per recipe and regime"
          segments={toItemCounts(plan).map((count) => ({ value: `${count}`, label: formatCount(count) }))}
          value={`${plan.itemsPerRegime}`}
          onChange={(count) => onChange({ ...plan, itemsPerRegime: Number(count) })}
        />
      </div>
    </div>
  );
});

/** What can be chosen, with the number of a link among it. */
function toItemCounts({ itemsPerRegime }: SweepPlan): readonly number[] {
  return [...new Set([...ITEM_COUNTS, itemsPerRegime])].sort((one, other) => one - other);
}

interface MethodLevelsProps {
  method: MethodId;
  offered: readonly number[];
  planned: readonly number[];
  onChange: (levels: readonly number[]) => void;
}

function MethodLevels({ method, offered, planned, onChange }: MethodLevelsProps) {
  const labelId = useId();
  return (
    <li className={styles.method}>
      <span id={labelId} className={styles.methodName}>
        {METHODS[method].label} <span className={styles.axis}>{AXIS_OF[method]}</span>
      </span>
      <ToggleGroup
        labelId={labelId}
        look="level"
        toggles={offered.map((level) => ({ value: level, label: formatLevel(method, level) }))}
        chosen={planned}
        onChange={onChange}
      />
    </li>
  );
}
