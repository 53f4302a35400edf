import { useDeferredValue, useEffect } from 'react';
import { useBoardStore, usePackStore, useTaskStore } from '../../state/hooks.ts';
import { toMetric } from '../../state/task-plan.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { ChosenTask } from './ChosenTask.tsx';
import { GroupFigure } from './GroupFigure.tsx';
import { OwnTaskForm } from './OwnTaskForm.tsx';
import { TaskComparisons } from './TaskComparisons.tsx';
import { TaskFigure } from './TaskFigure.tsx';
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
  const shown = useBoardStore((state) => state.shown);
  const highlighted = useBoardStore((state) => state.highlighted);
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  useEffect(() => {
    void load();
  }, [load]);

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
      {entry === undefined || metric === null ? null : results === null ? (
        <Notice tone="plain">
          <p>
            Nothing was asked yet. As answers come, {toTaskWords(entry).title} is drawn here by regime, with paired
            comparisons and by kind of document.
          </p>
        </Notice>
      ) : (
        <>
          <TaskFigure
            pack={pack}
            entry={entry}
            results={results}
            shown={shown}
            highlighted={highlighted}
            metric={metric}
            onMetric={(name) => choose({ metric: name })}
          />
          <TaskComparisons pack={pack} results={results} highlighted={highlighted} />
          <GroupFigure
            pack={pack}
            entry={entry}
            results={results}
            groupBy={choice.groupBy}
            onGroupBy={(groupBy) => choose({ groupBy })}
          />
        </>
      )}
      <OwnTaskForm />
    </div>
  );
}
