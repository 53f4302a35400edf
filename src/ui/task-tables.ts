import type { RegimeKey } from '../core/recover/regime.ts';
import { toRowNote } from './captions.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { SOURCE_COLUMNS, type TableSource, toSourceCells } from './source-columns.ts';

/** What was measured of a task, as far as files carry it. */
interface TaskTable {
  /** A person's own tasks may have the same name, so files tell their ids. */
  entry: { id: string };
  recipeLabel: string;
  source: TableSource;
  rows: readonly { key: RegimeKey; isTransferred: boolean; isOneTwin: boolean }[];
  figures: readonly {
    key: RegimeKey;
    exposure: string;
    group: string | null;
    metric: string;
    estimate: {
      value: number;
      low: number;
      high: number;
      items: number;
      subjects: number;
      method: string;
      stderr: number | null;
    };
    againstNone?: { difference: { value: number; low: number; high: number }; p: number };
  }[];
}

/** Every metric of some tasks: a row per regime, kind of document and group. */
export function toTaskFigures(pack: string, tasks: readonly TaskTable[]): FigureExport {
  return {
    pack,
    measure: 'tasks',
    date: null,
    columns: [
      ...['task', 'recipe', 'regime', 'note', 'documents', 'group', 'metric'].map((name) => ({ name })),
      ...toSubjectColumns('value', 'as the metric', 'n'),
      { name: 'stderr' },
      ...['to no repair', 'to no repair, low', 'to no repair, high', 'p, unadjusted'].map((name) => ({ name })),
      ...SOURCE_COLUMNS,
    ],
    rows: tasks.flatMap(({ entry, recipeLabel, rows, figures, source }) =>
      figures.map(({ key, exposure, group, metric, estimate, againstNone }) => {
        const row = rows.find((each) => each.key === key);
        const note = row === undefined ? null : toRowNote(row);
        const { items, stderr, ...interval } = estimate;
        const { value = null, low = null, high = null } = againstNone?.difference ?? {};
        return [
          ...[entry.id, recipeLabel, key, note, exposure, group, metric],
          ...toSubjectCells({ ...interval, n: items }),
          stderr,
          ...[value, low, high, againstNone?.p ?? null],
          ...toSourceCells(source),
        ];
      }),
    ),
  };
}
