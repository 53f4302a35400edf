import { toWireError } from '../core/errors.ts';
import type { GivenFile } from './given-file.ts';
import type { OwnTask, OwnTasks } from './own-tasks.ts';
import type { DraftPhase, TaskEntry } from './task-state.ts';

/** A task of a person's own on its way from files to the list: the last files given win. */
export interface TaskDraft {
  read(files: readonly GivenFile[]): Promise<void>;
  /** The task that was read, which is then no draft any more; null where there is none. */
  take(): OwnTask | null;
  drop(): void;
}

/** `check` rejects a task that cannot be asked. */
export function createTaskDraft(
  own: OwnTasks,
  check: (entry: TaskEntry) => Promise<void>,
  show: (draft: DraftPhase) => void,
): TaskDraft {
  let drafted: OwnTask | null = null;
  let lastGiven = 0;

  function drop(): void {
    lastGiven++;
    drafted = null;
    show({ status: 'none' });
  }

  return {
    read: async (files) => {
      drop();
      const given = lastGiven;
      const name = files.map(({ path }) => path).join(', ');
      show({ status: 'reading', name });
      try {
        const task = await own.parse(files);
        await check(task.entry);
        if (given !== lastGiven) return;
        drafted = task;
        show({ status: 'ready', name, entry: task.entry });
      } catch (error) {
        if (given === lastGiven) show({ status: 'failed', error: toWireError(error) });
      }
    },
    take: () => {
      const task = drafted;
      if (task !== null) drop();
      return task;
    },
    drop,
  };
}
