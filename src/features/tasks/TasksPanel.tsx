import { useDeferredValue, useEffect } from 'react';
import { useBoardStore, usePackStore, useTaskBesideStore, useTaskStore } from '../../state/hooks.ts';
import { toMetric } from '../../state/task-plan.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { BesideRuns } from './BesideRuns.tsx';
import { ChosenTask } from './ChosenTask.tsx';
import { OwnTaskForm } from './OwnTaskForm.tsx';
import { TaskFigures } from './TaskFigures.tsx';
import { TaskList } from './TaskList.tsx';
import styles from './TasksPanel.module.css';
import { toTaskWords } from './task-words.ts';

/** Tasks in the manner of lm-evaluation-harness, of the pack and a person's own, asked of every regime on the board. */
export function TasksPanel() {
  const tasks = useTaskStore((state) => state.tasks);
  const load = useTaskStore((state) => state.load);
  const choice = useTaskStore((state) => state.choice);
  const choose = useTaskStore((state) => state.choose);
  const live = useDeferredValue(useTaskStore((state) => state.live));
  const beside = useDeferredValue(useTaskBesideStore((state) => state.beside));
  const loadBeside = useTaskBesideStore((state) => state.load);
  const highlighted = useBoardStore((state) => state.highlighted);
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  useEffect(() => {
    void load();
    loadBeside();
  }, [load, loadBeside]);

  if (tasks.status === 'loading') {
    return (
      <Panel title="Tasks">
        <p className={styles.state}>Reading the tasks of the pack.</p>
      </Panel>
    );
  }
  if (tasks.status === 'failed') {
    return (
      <Panel title="Tasks">
        <ErrorNotice error={tasks.error} actions={<Button onPress={() => void load()}>Try again</Button>} />
      </Panel>
    );
  }
  const { entries } = tasks;
  const entry = entries.find(({ id }) => id === choice.id) ?? entries[0];
  const results = live?.entry.id === entry?.id ? live : null;
  const isBrought = beside.status === 'ready' && beside.of.results.entry.id === entry?.id;
  const brought = isBrought ? beside.of : null;
  const metric = entry === undefined ? null : toMetric(entry, choice);
  return (
    <div className={styles.panel} style={{ '--highlight-soft': `var(--${highlighted}-soft)` } as React.CSSProperties}>
      <Panel title="Tasks">
        {entries.length === 0 ? (
          <p className={styles.state}>This pack has no tasks. Add one of your own below.</p>
        ) : null}
        <TaskList entries={entries} chosen={entry ?? null} onChoose={({ id }) => choose({ id })} />
        {entry === undefined ? null : <ChosenTask entry={entry} />}
      </Panel>
      <BesideRuns hasLive={results !== null} />
      {entry === undefined || metric === null ? null : results === null && brought === null ? (
        <Notice tone="plain">
          <p>
            Nothing was asked yet. As answers come, {toTaskWords(entry).title} is drawn here by regime, with paired
            comparisons and by kind of document.
          </p>
        </Notice>
      ) : (
        <TaskFigures pack={pack} entry={entry} metric={metric} live={results} brought={brought} />
      )}
      <OwnTaskForm />
    </div>
  );
}
