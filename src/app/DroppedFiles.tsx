import { useEffect, useRef, useState } from 'react';
import { useShareStore, useTaskForm, useViewStore } from '../state/hooks.ts';
import { type SortedFiles, sortFiles } from '../state/sort-files.ts';
import { Button } from '../ui/Button.tsx';
import { type DroppedFile, toDroppedFiles } from '../ui/dropped-file.ts';
import { Notice } from '../ui/Notice.tsx';
import styles from './DroppedFiles.module.css';

/** A drag over the page is told of at least three times a second while it lasts; its end is not told everywhere. */
const DRAG_ENDED_MS = 700;

/** A tab that was never open is fetched first. */
const LATEST_PLACE_MS = 10_000;

type Phase =
  | { status: 'none' }
  | { status: 'over' }
  | { status: 'dropped'; told: readonly string[]; refused: readonly string[] };

const NONE: Phase = { status: 'none' };

/** Files that are dropped beside the places for them: told while they are over the page, then taken where they belong. */
export function DroppedFiles() {
  const [phase, setPhase] = useState<Phase>(NONE);
  const take = useTake();
  // The listeners stay while what they call is drawn anew.
  const takeRef = useRef(take);
  useEffect(() => {
    takeRef.current = take;
  });
  useEffect(() => {
    const listening = new AbortController();
    const { signal } = listening;
    let ended: ReturnType<typeof setTimeout> | undefined;
    const endDrag = () => {
      clearTimeout(ended);
      setPhase((now) => (now.status === 'over' ? NONE : now));
    };
    // Before the places hear it, which tell nobody else.
    const onOver = (event: DragEvent) => {
      if (event.dataTransfer?.types.includes('Files') !== true) return;
      clearTimeout(ended);
      ended = setTimeout(endDrag, DRAG_ENDED_MS);
      setPhase((now) => (now.status === 'over' ? now : { status: 'over' }));
    };
    const show = (told: readonly string[], refused: readonly string[]) => {
      if (!signal.aborted) setPhase({ status: 'dropped', told, refused });
    };
    const onDrop = async ({ dataTransfer }: DragEvent) => {
      const files = dataTransfer === null ? [] : toDroppedFiles(dataTransfer);
      if (files.length === 0) return;
      const { sorted, imported } = await takeRef.current(files);
      const told = tell(sorted);
      show(told, sorted.refused);
      if (!(await imported))
        show(told, [...sorted.refused, 'Nothing of the run could be taken in: “Bring a run” says why.']);
    };
    addEventListener('dragover', onOver, { capture: true, signal });
    addEventListener('drop', endDrag, { capture: true, signal });
    addEventListener('drop', (event) => void onDrop(event), { signal });
    return () => {
      listening.abort();
      clearTimeout(ended);
    };
  }, []);

  if (phase.status === 'none') return null;
  if (phase.status === 'over') {
    return (
      <>
        <div className={styles.edge} />
        <div className={`${styles.place} ${styles.bar} ${styles.waiting}`}>
          <p className={styles.title}>Drop anywhere on the page</p>
          <ul>
            <li>A run (.json, or results with samples, or a .zip of them) is drawn beside those of this browser.</li>
            <li>Documents (.jsonl, with a task file or without) open in Tasks, as a task of your own.</li>
          </ul>
        </div>
      </>
    );
  }
  const { told, refused } = phase;
  return (
    <div className={`${styles.place} ${styles.raised}`} role="status">
      <Notice
        tone={refused.length > 0 ? 'warning' : 'plain'}
        actions={<Button onPress={() => setPhase(NONE)}>Dismiss</Button>}
      >
        {[...told, ...refused].map((line) => (
          <p key={line}>{line}</p>
        ))}
      </Notice>
    </div>
  );
}

interface Taken {
  sorted: SortedFiles;
  /** Resolves once its runs are read; with false where none of them could be. */
  imported: Promise<boolean>;
}

/** Hands files to where they belong, and brings that place into sight. */
function useTake(): (files: readonly DroppedFile[]) => Promise<Taken> {
  const importFiles = useShareStore((state) => state.importFiles);
  const showImported = useViewStore((state) => state.showImported);
  const setTab = useViewStore((state) => state.setTab);
  const readFiles = useTaskForm((state) => state.readFiles);
  const bring = async (runs: SortedFiles['runs']) => {
    const id = await importFiles(runs);
    if (id !== null) showImported(id);
    return id !== null;
  };
  return async (files) => {
    const sorted = await sortFiles(files);
    const { runs, task } = sorted;
    if (task.length > 0) {
      setTab('tasks');
      readFiles(task);
    }
    // A task waits for a decision, so where both came it is the one that is shown.
    if (runs.length + task.length > 0) void scrollTo(task.length > 0 ? 'drop-task' : 'drop-run');
    return { sorted, imported: runs.length > 0 ? bring(runs) : Promise.resolve(true) };
  };
}

async function scrollTo(id: string): Promise<void> {
  const latest = performance.now() + LATEST_PLACE_MS;
  while (document.getElementById(id) === null && performance.now() < latest) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  document.getElementById(id)?.scrollIntoView({ block: 'start' });
}

function tell({ runs, task }: SortedFiles): readonly string[] {
  const names = (files: SortedFiles['runs']) => files.map(({ path }) => path).join(', ');
  return [
    ...(runs.length > 0 ? [`${names(runs)}: for “Bring a run”.`] : []),
    ...(task.length > 0
      ? [`${names(task)}: for “A task of your own”, in Tasks, where it can be looked at and added.`]
      : []),
  ];
}
