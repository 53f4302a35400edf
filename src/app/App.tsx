import { useEffect } from 'react';
import { Board } from '../features/board/Board.tsx';
import { DeviceDetails } from '../features/device/DeviceDetails.tsx';
import { DevicePanel } from '../features/device/DevicePanel.tsx';
import { EvaluatePanel } from '../features/evaluate/EvaluatePanel.tsx';
import { QuestionBox } from '../features/question/QuestionBox.tsx';
import { RecipePanel } from '../features/recipe/RecipePanel.tsx';
import { Headline } from '../features/recovery/Headline.tsx';
import { useBoardStore, useEngineStore, usePackStore, useShareStore } from '../state/hooks.ts';
import { Panel } from '../ui/Panel.tsx';
import { AllFacts } from './AllFacts.tsx';
import styles from './App.module.css';
import { Below } from './Below.tsx';
import { Deeper } from './Deeper.tsx';
import { Footer } from './Footer.tsx';
import { Header } from './Header.tsx';
import { LatePanel, LazyPanel } from './LazyPanel.tsx';
import { loadShare } from './load-share.tsx';
import { Notices } from './Notices.tsx';
import { PanelBoundary } from './PanelBoundary.tsx';
import { useTheme } from './use-theme.ts';

const loadLinkedNote = async () => (await import('../features/share/LinkedNote.tsx')).LinkedNote;
const loadVerdict = async () => (await import('../features/fates/VerdictPanel.tsx')).VerdictPanel;
const loadComparisons = async () =>
  (await import('../features/evaluate/late-figures.ts')).LATE_FIGURES.ComparisonsFigure;
const loadDroppedFiles = async () => (await import('./DroppedFiles.tsx')).DroppedFiles;

/** The workbench: what is compared, the recipe, the board, the two charts, and what goes deeper in tabs. */
export function App() {
  useTheme();
  const highlighted = useBoardStore((state) => state.highlighted);
  const loadPack = usePackStore((state) => state.loadPack);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const isLinked = useShareStore((state) => state.linked !== null);
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
        {isLinked ? <LazyPanel name="Linked run" load={loadLinkedNote} place={null} /> : null}
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
              <QuestionBox browse={<AllFacts />} />
            </PanelBoundary>
            <PanelBoundary name="Regime board">
              <Board />
            </PanelBoundary>
          </Panel>
        </div>
        <Below>
          <PanelBoundary name="Accuracy and latency">
            <EvaluatePanel />
          </PanelBoundary>
        </Below>
        <LatePanel name="Forgotten or displaced" load={loadVerdict} />
        <LatePanel name="Paired comparisons" load={loadComparisons} />
        <Deeper />
        <LatePanel name="Take it with you" load={loadShare} />
        <PanelBoundary name="Device details">
          <DeviceDetails />
        </PanelBoundary>
      </main>
      <LazyPanel name="Dropped files" load={loadDroppedFiles} place={null} />
      <Footer />
    </div>
  );
}
