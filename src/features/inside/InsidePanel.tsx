import { type ComponentType, useEffect } from 'react';
import { useInsideForm, useInsideStore } from '../../state/hooks.ts';
import { INSIDE_VIEWS, type InsideView } from '../../state/inside-state.ts';
import { Panel } from '../../ui/Panel.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { useIsNarrow } from '../../ui/use-is-narrow.ts';
import { AttentionView } from './AttentionView.tsx';
import { DistanceView } from './DistanceView.tsx';
import { InsideHead } from './InsideHead.tsx';
import styles from './InsidePanel.module.css';
import { LensView } from './LensView.tsx';
import { PatchView } from './PatchView.tsx';
import { RoutingView } from './RoutingView.tsx';
import { VIEW_WORDS } from './view-words.ts';
import { WeightsView } from './WeightsView.tsx';

const VIEWS: Readonly<Record<InsideView, ComponentType>> = {
  attention: AttentionView,
  distance: DistanceView,
  lens: LensView,
  routing: RoutingView,
  weights: WeightsView,
  patching: PatchView,
};

/** What goes on inside the model, regime against regime; nothing is captured unless this is open. */
export function InsidePanel() {
  // The picker answers at once; a view's maps and lines are drawn in slices.
  const view = useInsideStore((state) => state.choice.view);
  const watch = useInsideStore((state) => state.watch);
  useEffect(() => watch(), [watch]);
  const View = VIEWS[view];
  return (
    <div className={styles.inside}>
      <Panel title="Inside the model">
        <ViewPicker />
        <InsideHead />
      </Panel>
      <View />
    </div>
  );
}

function ViewPicker() {
  const view = useInsideForm((state) => state.choice.view);
  const choose = useInsideForm((state) => state.choose);
  const isNarrow = useIsNarrow();
  const options = INSIDE_VIEWS.map((value) => ({ value, label: VIEW_WORDS[value].label }));
  const onChange = (value: InsideView) => choose({ view: value });
  if (isNarrow)
    return <SelectField label="View" groups={[{ label: 'Views', options }]} value={view} onChange={onChange} />;
  return <SegmentedControl label="View" isLabelHidden segments={options} value={view} onChange={onChange} />;
}
