import { useMemo } from 'react';
import { defaultItems } from '../../state/evaluate-state.ts';
import { countQuestions } from '../../state/evaluation-plan.ts';
import { useComparisonsStore, useEngineStore, usePackStore } from '../../state/hooks.ts';
import { formatCount } from '../../ui/format.ts';
import { SelectField } from '../../ui/SelectField.tsx';

/** Steps between a first look and all that the pack asks. */
const STEPS = [40, 200, 600, 2000];

interface ItemsChoice {
  items: number;
  /** What can be chosen, rising. */
  offered: readonly number[];
  /** How many the pack has. */
  total: number;
}

/** How many items a run asks of every regime: as chosen, else as the last run of the recipe, else what the device scores in about a minute. */
export function useItems(chosen: number | null): ItemsChoice {
  const device = useEngineStore((state) => (state.engine.status === 'ready' ? state.engine.device : null));
  const facts = usePackStore((state) => state.facts);
  const preset = useComparisonsStore(({ live }) => (live.status === 'ready' ? live.of.presetItems : null));
  const total = useMemo(() => (facts.status === 'ready' ? countQuestions(facts.facts, facts.relations) : 0), [facts]);
  const usual = device === null ? 0 : defaultItems(device.kind, device.adapter?.isSoftware ?? false);
  const items = Math.min(chosen ?? preset ?? usual, total);
  const offered = [...new Set([...STEPS.filter((step) => step < total), items, total])].sort((a, b) => a - b);
  return { items, offered, total };
}

/** The number of items, set before a run; its comparisons decide nothing with fewer. */
export function ItemsField({ items, offered, total, onChoose }: ItemsChoice & { onChoose: (items: number) => void }) {
  const options = offered.map((count) => ({
    value: String(count),
    label: `${count === total ? 'all ' : ''}${formatCount(count)} items`,
  }));
  return (
    <SelectField
      label="Items per regime"
      isLabelHidden
      groups={[{ label: 'Set before the run', options }]}
      value={String(items)}
      onChange={(value) => onChoose(Number(value))}
    />
  );
}
