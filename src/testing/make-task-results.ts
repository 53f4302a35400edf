import { parseTaskFiles } from '../core/harness/task-files.ts';
import type { TaskEntry, TaskFigure, TaskResults } from '../state/task-state.ts';
import { makeResultSet } from './make-results.ts';

const DOCUMENTS =
  '{"question":"What is it?","choices":["an owl","a fish"],"label":0,"relation":"animal","fold":"A"}\n' +
  '{"question":"Where is it?","choices":["here","there"],"label":1,"relation":"city","fold":"B"}';

/** A shipped task of two documents, one of either fold. */
export const TASK_ENTRY: TaskEntry = {
  id: 'atlas-choice',
  isOwn: false,
  fingerprint: 'f',
  task: parseTaskFiles({
    documents: { name: 'atlas-choice.jsonl', bytes: new TextEncoder().encode(DOCUMENTS) },
    config: null,
  }),
};

/** The dense model's share of right documents, over 120 of them. */
export function makeTaskFigure(value: number, figure: Partial<TaskFigure> = {}): TaskFigure {
  const spread = { low: value - 0.1, high: value + 0.1, method: 'cluster-bootstrap' } as const;
  const estimate = { value, ...spread, items: 120, subjects: 60, stderr: null };
  return { key: 'dense', exposure: 'all', metric: 'acc', group: null, estimate, ...figure };
}

/** What the dense model answered to that task, as a whole and in one group. */
export function makeTaskResults(overrides: Partial<TaskResults> = {}): TaskResults {
  return {
    source: makeResultSet().source,
    recipeLabel: 'Magnitude 60 %',
    entry: TASK_ENTRY,
    metric: 'acc',
    groupBy: 'relation',
    rows: [{ key: 'dense', isTransferred: false, isOneTwin: false }],
    figures: [makeTaskFigure(0.9), makeTaskFigure(0.6, { group: 'animal' })],
    comparisons: [],
    damage: null,
    presetItems: 200,
    isPresetKept: true,
    availableItems: 808,
    ...overrides,
  };
}
