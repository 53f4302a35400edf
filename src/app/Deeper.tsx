import { useViewStore } from '../state/hooks.ts';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import { Tabs } from '../ui/Tabs.tsx';
import styles from './App.module.css';
import { LatePanel, LazyPanel } from './LazyPanel.tsx';

const loadFacts = async () => (await import('../features/fates/FactsPanel.tsx')).FactsPanel;
const loadTasks = async () => (await import('../features/tasks/TasksPanel.tsx')).TasksPanel;
const loadLatency = async () => (await import('../features/latency/LatencyPanel.tsx')).LatencyPanel;
const loadSweep = async () => (await import('../features/sweep/SweepPanel.tsx')).SweepPanel;
const loadInside = async () => (await import('../features/inside/InsidePanel.tsx')).InsidePanel;
const loadTransfer = async () => (await import('../features/transfer/TransferPanel.tsx')).TransferPanel;

/** What goes deeper than the workbench, in tabs; made once the workbench stands. */
export function Deeper() {
  const isIdle = useIsIdle();
  const tab = useViewStore((state) => state.tab);
  const setTab = useViewStore((state) => state.setTab);
  if (!isIdle) return <div className={styles.place} />;
  return (
    <Tabs
      label="Deeper"
      selected={tab}
      onSelect={setTab}
      tabs={[
        { id: 'facts', title: 'Facts', content: <LatePanel name="Facts" load={loadFacts} /> },
        { id: 'tasks', title: 'Tasks', content: <LazyPanel name="Tasks" load={loadTasks} /> },
        { id: 'latency', title: 'Latency', content: <LazyPanel name="Latency" load={loadLatency} /> },
        { id: 'sweep', title: 'Sweep', content: <LatePanel name="Sweep" load={loadSweep} /> },
        { id: 'inside', title: 'Inside', content: <LazyPanel name="Inside" load={loadInside} /> },
        { id: 'transfer', title: 'Transfer', content: <LazyPanel name="Transfer" load={loadTransfer} /> },
      ]}
    />
  );
}
