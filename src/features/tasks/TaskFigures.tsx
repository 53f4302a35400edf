import type { MetricName } from '../../core/harness/metrics.ts';
import { useBoardStore, useTaskForm, useViewForm } from '../../state/hooks.ts';
import type { BesideResults } from '../../state/task-beside-state.ts';
import type { TaskEntry, TaskResults } from '../../state/task-state.ts';
import { AgainstFigure } from './AgainstFigure.tsx';
import { GroupFigure } from './GroupFigure.tsx';
import { TaskComparisons } from './TaskComparisons.tsx';
import { TaskFigure } from './TaskFigure.tsx';
import styles from './TasksPanel.module.css';

interface TaskFiguresProps {
  pack: string;
  entry: TaskEntry;
  metric: MetricName;
  /** Measured here; null where nothing was yet. */
  live: TaskResults | null;
  /** A run that was brought; null without one. */
  brought: BesideResults | null;
}

/** Every figure of a task, of the run that was brought and of what was measured here: the same lines on the same axes, each with its own badge, table and files. */
export function TaskFigures({ pack, entry, metric, live, brought }: TaskFiguresProps) {
  const { groupBy } = useTaskForm((state) => state.choice);
  const choose = useTaskForm((state) => state.choose);
  const shown = useBoardStore((state) => state.shown);
  const highlighted = useBoardStore((state) => state.highlighted);
  const exposure = useViewForm((state) => state.figures.groupExposure);
  const setFigures = useViewForm((state) => state.setFigures);
  const theirs = brought?.results ?? null;
  const drawn = [
    ...(theirs === null ? [] : [{ results: theirs, beside: live }]),
    ...(live === null ? [] : [{ results: live, beside: theirs }]),
  ].map((pair) => ({ ...pair, pack, highlighted, id: pair.results.source.kind }));
  return (
    <>
      <div className={styles.pairs}>
        {drawn.map(({ id, ...pair }) => (
          <TaskFigure
            key={id}
            {...pair}
            entry={entry}
            shown={shown}
            metric={metric}
            onMetric={(name) => choose({ metric: name })}
          />
        ))}
      </div>
      {brought === null || live === null ? null : <AgainstFigure pack={pack} of={brought} highlighted={highlighted} />}
      <div className={styles.pairs}>
        {drawn.map(({ id, ...pair }) => (
          <TaskComparisons key={id} {...pair} />
        ))}
      </div>
      <div className={styles.pairs}>
        {drawn.map(({ id, results, beside }) => (
          <GroupFigure
            key={id}
            pack={pack}
            entry={entry}
            results={results}
            beside={beside}
            groupBy={groupBy}
            onGroupBy={(by) => choose({ groupBy: by })}
            exposure={exposure}
            onExposure={(groupExposure) => setFigures({ groupExposure })}
          />
        ))}
      </div>
    </>
  );
}
