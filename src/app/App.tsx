import { lazy, type ReactNode, Suspense, useEffect } from 'react';
import { Board } from '../features/board/Board.tsx';
import { DeviceDetails } from '../features/device/DeviceDetails.tsx';
import { DevicePanel } from '../features/device/DevicePanel.tsx';
import { EvaluatePanel } from '../features/evaluate/EvaluatePanel.tsx';
import { FactsDialog } from '../features/facts/FactsDialog.tsx';
import { QuestionBox } from '../features/question/QuestionBox.tsx';
import { RecipePanel } from '../features/recipe/RecipePanel.tsx';
import { Headline } from '../features/recovery/Headline.tsx';
import { useBoardStore, useEngineStore, usePackStore, useShareStore, useViewStore } from '../state/hooks.ts';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import { Panel } from '../ui/Panel.tsx';
import { Tabs } from '../ui/Tabs.tsx';
import styles from './App.module.css';
import { Footer } from './Footer.tsx';
import { Header } from './Header.tsx';
import { Notices } from './Notices.tsx';
import { PanelBoundary } from './PanelBoundary.tsx';
import { useTheme } from './use-theme.ts';

const loadSweep = () => import('../features/sweep/SweepPanel.tsx');
const SweepPanel = lazy(async () => ({ default: (await loadSweep()).SweepPanel }));

const loadComparisons = () => import('../features/evaluate/ComparisonsFigure.tsx');
const ComparisonsFigure = lazy(async () => ({ default: (await loadComparisons()).ComparisonsFigure }));

const loadVerdict = () => import('../features/fates/VerdictPanel.tsx');
const VerdictPanel = lazy(async () => ({ default: (await loadVerdict()).VerdictPanel }));

const loadFacts = () => import('../features/fates/FactsPanel.tsx');
const FactsPanel = lazy(async () => ({ default: (await loadFacts()).FactsPanel }));

const TasksPanel = lazy(async () => ({ default: (await import('../features/tasks/TasksPanel.tsx')).TasksPanel }));

const loadShare = () => import('../features/share/SharePanel.tsx');
const SharePanel = lazy(async () => ({ default: (await loadShare()).SharePanel }));
const LinkedNote = lazy(async () => ({ default: (await import('../features/share/LinkedNote.tsx')).LinkedNote }));

const LatencyPanel = lazy(async () => ({
  default: (await import('../features/latency/LatencyPanel.tsx')).LatencyPanel,
}));

const TransferPanel = lazy(async () => ({
  default: (await import('../features/transfer/TransferPanel.tsx')).TransferPanel,
}));

/** The workbench: what is compared, the recipe, the board, the two charts, and what goes deeper in tabs. */
export function App() {
  useTheme();
  const highlighted = useBoardStore((state) => state.highlighted);
  const loadPack = usePackStore((state) => state.loadPack);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const isLinked = useShareStore((state) => state.linked !== null);
  const tab = useViewStore((state) => state.tab);
  const setTab = useViewStore((state) => state.setTab);
  useEffect(() => {
    void loadPack();
  }, [loadPack]);

  return (
    <div className={styles.page} style={{ '--highlight': `var(--regime-${highlighted})` } as React.CSSProperties}>
      <PanelBoundary name="Header">
        <Header />
      </PanelBoundary>
      <main className={styles.main}>
        <Notices />
        {isLinked ? (
          <PanelBoundary name="Linked run">
            <Suspense fallback={null}>
              <LinkedNote />
            </Suspense>
          </PanelBoundary>
        ) : null}
        <div className={styles.intro}>
          {isReady ? null : (
            <p className={styles.lead}>
              A language model is compressed and some of its facts go missing. A prompt in front of the question and a
              LoRA inside the weights each bring facts back. See which ones, on which device, and at what cost.
            </p>
          )}
          <PanelBoundary name="Device">
            <DevicePanel />
          </PanelBoundary>
        </div>
        <PanelBoundary name="Headline figures">
          <Headline />
        </PanelBoundary>
        <div id="board" className={styles.bench}>
          <div className={styles.side}>
            <PanelBoundary name="Recipe">
              <RecipePanel />
            </PanelBoundary>
          </div>
          <Panel title="One question, every regime">
            <PanelBoundary name="Question">
              <QuestionBox browse={<FactsDialog />} />
            </PanelBoundary>
            <PanelBoundary name="Regime board">
              <Board />
            </PanelBoundary>
          </Panel>
        </div>
        <PanelBoundary name="Accuracy and latency">
          <EvaluatePanel />
        </PanelBoundary>
        <Late name="Forgotten or displaced" load={loadVerdict} panel={<VerdictPanel />} />
        <Late name="Paired comparisons" load={loadComparisons} panel={<ComparisonsFigure />} />
        <Tabs
          label="Deeper"
          selected={tab}
          onSelect={setTab}
          tabs={[
            { id: 'facts', title: 'Facts', content: <Late name="Facts" load={loadFacts} panel={<FactsPanel />} /> },
            { id: 'tasks', title: 'Tasks', content: <Lazy name="Tasks" panel={<TasksPanel />} /> },
            { id: 'latency', title: 'Latency', content: <Lazy name="Latency" panel={<LatencyPanel />} /> },
            { id: 'sweep', title: 'Sweep', content: <Late name="Sweep" load={loadSweep} panel={<SweepPanel />} /> },
            {
              id: 'transfer',
              title: 'Transfer',
              content: <Lazy name="Transfer" panel={<TransferPanel />} />,
            },
          ]}
        />
        <Late name="Take it with you" load={loadShare} panel={<SharePanel />} />
        <PanelBoundary name="Device details">
          <DeviceDetails />
        </PanelBoundary>
      </main>
      <Footer />
    </div>
  );
}

/** A panel whose code comes once the page stands and has nothing better to do; its place is kept. */
function Late({ name, load, panel }: { name: string; load: () => Promise<unknown>; panel: ReactNode }) {
  const isIdle = useIsIdle(load);
  return isIdle ? <Lazy name={name} panel={panel} /> : <div className={styles.place} />;
}

/** A panel whose code comes when it is asked for; its place is kept. */
function Lazy({ name, panel }: { name: string; panel: ReactNode }) {
  return (
    <PanelBoundary name={name}>
      <Suspense fallback={<div className={styles.place} />}>{panel}</Suspense>
    </PanelBoundary>
  );
}
