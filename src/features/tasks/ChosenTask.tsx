import { useTaskForm } from '../../state/hooks.ts';
import { MAX_TASK_LIMIT } from '../../state/task-plan.ts';
import type { TaskEntry } from '../../state/task-state.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { TaskPreview } from './TaskPreview.tsx';
import { TaskRunControls } from './TaskRunControls.tsx';
import styles from './TasksPanel.module.css';
import { toTaskWords } from './task-words.ts';

/** Numbers of documents that a run may ask, beside all of them. */
const LIMITS = [40, 200, 500];

/** Orders that a person may choose among; another one, of a link, joins them. */
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

/** The chosen task: what it means, how its prompts look, how much of it is asked, and its run. */
export function ChosenTask({ entry }: { entry: TaskEntry }) {
  const choice = useTaskForm((state) => state.choice);
  const choose = useTaskForm((state) => state.choose);
  const remove = useTaskForm((state) => state.remove);
  const { title, meaning } = toTaskWords(entry);
  const count = entry.task.documents.length;
  const limits = [...new Set([...LIMITS, choice.limit])].filter((limit) => limit < count).sort((a, b) => a - b);
  const seeds = [...new Set([...SEEDS, choice.seed])].sort((a, b) => a - b);
  return (
    <div className={styles.chosen}>
      <p className={styles.meaning}>
        <b>{title}.</b> {meaning}
      </p>
      <details className={styles.fold}>
        <summary>First prompts, as the model reads them</summary>
        <TaskPreview task={entry.task} />
      </details>
      <div className={styles.options}>
        <SegmentedControl
          label="Documents per regime"
          segments={[
            ...limits.map((limit) => ({ value: String(limit), label: formatCount(limit) })),
            { value: 'all', label: `all ${formatCount(count)}` },
          ]}
          value={choice.limit < count ? String(choice.limit) : 'all'}
          onChange={(value) => choose({ limit: value === 'all' ? MAX_TASK_LIMIT : Number(value) })}
        />
        <SelectField
          label="Order (seed)"
          groups={[{ label: 'Seeds', options: seeds.map((seed) => ({ value: String(seed), label: String(seed) })) }]}
          value={String(choice.seed)}
          onChange={(value) => choose({ seed: Number(value) })}
        />
        {entry.isOwn ? (
          <Button look="quiet" onPress={() => remove(entry.id)}>
            Remove this task and its answers
          </Button>
        ) : null}
      </div>
      <TaskRunControls />
    </div>
  );
}
