import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import type { ComparisonSet } from '../../state/comparisons-state.ts';
import { MIN_RUNS } from '../../state/estimates.ts';
import type { DosePoint, FateFindings } from '../../state/fates-state.ts';
import { toPointComparisons } from '../../state/point-comparisons.ts';
import type { ResultSet, ResultSource } from '../../state/results.ts';
import type { ShapeResults } from '../../state/shape-state.ts';
import type { SweepPoint, SweepResults } from '../../state/sweep-state.ts';
import type { TaskResults } from '../../state/task-state.ts';
import type { TransferState } from '../../state/transfer-state.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';
import { TIME_MEASURES } from '../../ui/comparison-measure.ts';
import { PAIRED_COLUMNS, toPairedCells } from '../../ui/paired-columns.ts';
import { toAccuracies, toLatencies, toSizes } from '../../ui/regime-tables.ts';
import { toSensitivities } from '../../ui/sensitivity-table.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';
import { toTaskFigures } from '../../ui/task-tables.ts';
import { type BoardAnswers, toBoard } from './board-table.ts';
import { toFactTable } from './fact-table.ts';
import { toDose, toFates, toShapes } from './fate-tables.ts';
import { toTransfer } from './transfer-table.ts';

/** All figures of the page: recorded, measured here and imported, each row with where it comes from. */
export interface AllFigures {
  /** Id of the pack. */
  pack: string;
  /** Accuracies, latencies and sizes by recipe. */
  sets: readonly ResultSet[];
  sweeps: readonly SweepResults[];
  transfer: Pick<TransferState, 'recorded' | 'live'>;
  comparisons: readonly ComparisonSet[];
  fates: readonly FateFindings[];
  dose: readonly DosePoint[];
  shapes: readonly ShapeResults[];
  tasks: readonly TaskResults[];
  /** Null while no model runs. */
  board: BoardAnswers | null;
}

/** One table per kind of figure, and the facts behind the fates, each made when its turn comes; tables without a row are left out. */
export function* toTables(figures: AllFigures): Generator<FigureExport, void> {
  for (const toTable of TABLES) {
    const table = toTable(figures);
    if (table.rows.length > 0) yield table;
  }
  for (const { set } of figures.fates) yield toFactTable(figures.pack, set);
}

const TABLES: readonly ((figures: AllFigures) => FigureExport)[] = [
  toAccuracies,
  toDamages,
  toLatencies,
  toSizes,
  toComparisons,
  ({ pack, fates }) => toFates(pack, fates),
  ({ pack, dose }) => toDose(pack, dose),
  ({ pack, shapes }) => toShapes(pack, shapes),
  toSweep,
  ({ pack, sweeps }) => toSensitivities(pack, sweeps),
  ({ pack, transfer }) => toTransfer(pack, transfer),
  ({ pack, tasks }) => toTaskFigures(pack, tasks),
  ({ pack, board }) => toBoard(pack, board),
];

/** What each recipe costs: a row per set. */
function toDamages({ pack, sets }: AllFigures): FigureExport {
  return {
    pack,
    measure: 'damage',
    date: null,
    columns: [{ name: 'recipe' }, ...toSubjectColumns('damage', 'share', 'items'), ...SOURCE_COLUMNS],
    rows: sets.flatMap(({ recipeLabel, damage, source }) =>
      damage === null ? [] : [[recipeLabel, ...toSubjectCells(damage), ...toSourceCells(source)]],
    ),
  };
}

const COMPARISON_COLUMNS: readonly ExportColumn[] = [
  { name: 'first regime' },
  { name: 'first facts' },
  { name: 'first source' },
  { name: 'second regime' },
  { name: 'second facts' },
  { name: 'second source' },
  { name: 'measure' },
  ...toSubjectColumns('difference', 'share, of perplexities and times as a share of the second', 'items'),
  { name: 'p' },
  { name: 'p after Holm' },
  { name: 'is exploratory' },
  { name: 'preset items' },
  { name: 'is decided' },
  { name: 'items needed' },
];

/** A comparison with what it is of; items are documents of tasks, and rounds of timed runs. */
interface Compared {
  task: string;
  recipeLabel: string;
  measure: string;
  each: ComparisonSet['declared'][number];
  presetItems: number;
  source: ResultSource;
}

function toComparisonCells({ measure, each, presetItems, source }: Compared): readonly ExportCell[] {
  const subjects = each.subjects === null ? {} : { subjects: each.subjects };
  return [
    each.first.key,
    each.first.exposure,
    each.first.run ?? source.kind,
    each.second.key,
    each.second.exposure,
    each.second.run ?? source.kind,
    measure,
    ...toSubjectCells({ ...each.difference, ...subjects, n: each.items }),
    each.p,
    each.adjustedP,
    each.isExploratory,
    presetItems,
    each.isDecided,
    each.sampleSize?.needed ?? null,
  ];
}

/** Of the pack's own items, of tasks and of times. */
function toComparisons({ pack, comparisons, tasks, sets }: AllFigures): FigureExport {
  const ofFacts = comparisons.flatMap(({ declared, exploratory, recipe, source, presetItems }) =>
    [...declared, ...(exploratory === null ? [] : [exploratory])].map((each): Compared => {
      return { task: pack, recipeLabel: toRecipeLabel(recipe), measure: 'accuracy', each, presetItems, source };
    }),
  );
  const ofTasks = tasks.flatMap(({ comparisons: declared, damage, source, recipeLabel, entry, metric, presetItems }) =>
    [...declared, ...(damage === null ? [] : [damage])].map((each): Compared => {
      return { task: entry.id, recipeLabel, measure: metric, each, presetItems, source };
    }),
  );
  const ofTimes = sets.flatMap(({ timeComparisons, recipeLabel, source }) =>
    (timeComparisons ?? []).map((each): Compared => {
      const measure = TIME_MEASURES[each.phase].name;
      return { task: pack, recipeLabel, measure, each, presetItems: MIN_RUNS, source };
    }),
  );
  return {
    pack,
    measure: 'comparisons',
    date: null,
    columns: [{ name: 'task' }, { name: 'recipe' }, ...COMPARISON_COLUMNS, ...SOURCE_COLUMNS],
    rows: [...ofFacts, ...ofTasks, ...ofTimes].map((compared) => [
      compared.task,
      compared.recipeLabel,
      ...toComparisonCells(compared),
      ...toSourceCells(compared.source),
    ]),
  };
}

const POINT_COLUMNS: readonly ExportColumn[] = [
  { name: 'recipe' },
  { name: 'method' },
  { name: 'level' },
  { name: 'regime' },
  { name: 'transferred from' },
  { name: 'stored', unit: 'bytes' },
  ...toSubjectColumns('accuracy', 'share', 'accuracy items'),
  ...toSubjectColumns('perplexity', 'ratio of counts', 'perplexity items'),
  ...toSubjectColumns('KL divergence', 'nats', 'KL divergence items'),
  ...toSubjectColumns('same top token', 'share', 'same top token items'),
  ...PAIRED_COLUMNS,
];

function toPointCells(point: SweepPoint, family: SweepResults['family']): readonly ExportCell[] {
  const { label, method, level, regime, transferredFrom, storedBytes } = point;
  return [
    ...[label, method, level, regime, transferredFrom, storedBytes],
    ...toSubjectCells(point.accuracy),
    ...toSubjectCells(point.perplexity),
    ...toSubjectCells(point.klDivergence),
    ...toSubjectCells(point.sameTop),
    ...toPairedCells(toPointComparisons(family, point)),
  ];
}

function toSweep({ pack, sweeps }: AllFigures): FigureExport {
  return {
    pack,
    measure: 'sweep',
    date: null,
    columns: [...POINT_COLUMNS, ...SOURCE_COLUMNS],
    rows: sweeps.flatMap(({ points, source, family }) =>
      points.map((point) => [...toPointCells(point, family), ...toSourceCells(source)]),
    ),
  };
}
