import { useState } from 'react';
import type { Comparison, Side } from '../../core/eval/comparisons.ts';
import type { ComparisonSet, PickedSides } from '../../state/comparisons-state.ts';
import { useComparisonsStore } from '../../state/hooks.ts';
import { toSideLabel } from '../../ui/comparison-words.ts';
import { NamedGroup } from '../../ui/NamedGroup.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import styles from './ComparisonsFigure.module.css';

const NOBODY = 'none';

/**
 * Any two regimes to compare beside the declared ones; choosing both is enough, choosing none again takes it away. The second may be the
 * same regime in another run of the recipe, where there is one.
 */
export function PairPicker({ set: { sides, otherSides, picked: compared, exploratory } }: { set: ComparisonSet }) {
  const picked = useComparisonsStore((state) => state.picked);
  const pick = useComparisonsStore((state) => state.pick);
  const [chosen, setChosen] = useState(() => (picked ?? []).map(toId));
  const groups = [
    { label: 'Exploratory', options: [{ value: NOBODY, label: 'nothing' }] },
    { label: 'Held-out facts', options: toOptions(sides, 'held-out') },
    { label: 'Facts that the repair saw', options: toOptions(sides, 'seen') },
  ].filter(({ options }) => options.length > 0);

  const toSame = (id: string | undefined) => otherSides.filter(({ key, exposure }) => toId({ key, exposure }) === id);
  const same = toSame(chosen[0]);
  const others = same.length === 0 ? [] : [{ label: 'The same regime in another run', options: same.map(toOption) }];

  const choose = (place: 0 | 1, value: string) => {
    const next = [0, 1].map((each) => (each === place ? value : (chosen[each] ?? NOBODY)));
    const otherRun = otherSides.find((side) => toId(side) === chosen[1])?.run;
    if (place === 0 && otherRun !== undefined) {
      // It goes along with the first, for which alone it is offered.
      const along = toSame(value).find(({ run }) => run === otherRun);
      next[1] = along === undefined ? NOBODY : toId(along);
    }
    setChosen(next);
    const [first, second] = next.map((id) => [...sides, ...otherSides].find((side) => toId(side) === id));
    pick(first === undefined || second === undefined || first === second ? null : [first, second]);
  };
  return (
    <NamedGroup className={styles.picker} aria-label="Compare any two, exploratory" data-export="no">
      <SelectField
        label="Compare, exploratory"
        groups={groups}
        value={chosen[0] ?? NOBODY}
        onChange={(value) => choose(0, value)}
      />
      <SelectField
        label="with"
        groups={[...groups, ...others]}
        value={chosen[1] ?? NOBODY}
        onChange={(value) => choose(1, value)}
      />
      <span className={styles.state} role="status">
        {toStateText(picked, compared === picked, exploratory)}
      </span>
    </NamedGroup>
  );
}

function toStateText(picked: PickedSides | null, isCompared: boolean, exploratory: Comparison | null): string {
  if (picked === null) return '';
  const pair = picked.map(toSideLabel).join(' with ');
  if (!isCompared) return `Comparing ${pair}.`;
  return exploratory === null ? `${pair}: no item in common.` : `${pair}: below the declared comparisons.`;
}

function toId({ key, exposure, run }: Side): string {
  return [key, exposure, ...(run === undefined ? [] : [run])].join(' ');
}

function toOptions(sides: readonly Side[], exposure: Side['exposure']) {
  return sides.filter((side) => side.exposure === exposure).map(toOption);
}

function toOption(side: Side) {
  return { value: toId(side), label: toSideLabel(side) };
}
