import type { RegimeKey } from '../../core/recover/regime.ts';
import type { InsideQuestion } from '../../state/inside-state.ts';
import type { ResultSource } from '../../state/results.ts';
import type { ExportCell, FigureExport } from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';

/** What the tables of a visit are of. */
export interface VisitOrigin {
  recipeLabel: string;
  /** Regimes whose repair was trained for another recipe, and those whose repair was trained on the fact that is asked for. */
  transferred: readonly RegimeKey[];
  seen: readonly RegimeKey[];
}

/** What one table is of, beside what its own columns say. */
export interface TableOrigin {
  source: ResultSource;
  /** Those that the table is of. */
  regimes: readonly RegimeKey[];
  /** Null for a table of many questions, or of none. */
  question: InsideQuestion | null;
  /** What is the same in all rows. */
  about?: readonly Stated[];
}

/** A column that is the same in all rows. */
type Stated = readonly [name: string, cell: ExportCell];

/** The table with its origin in every row: recipe and question in front, repairs and source behind; for a zip, whose files bear no date. */
export function withOrigin(
  table: FigureExport,
  { recipeLabel, transferred, seen }: VisitOrigin,
  { source, regimes, question, about = [] }: TableOrigin,
): FigureExport {
  const toKeys = (keys: readonly RegimeKey[]) => keys.filter((key) => regimes.includes(key)).join(' ') || null;
  const asked: readonly Stated[] =
    question === null
      ? []
      : [
          ['question', question.text],
          ['right answer', question.answer],
        ];
  const front: readonly Stated[] = [['recipe', recipeLabel], ...asked, ...about];
  const behind: readonly Stated[] = [
    ['regimes trained for another recipe', toKeys(transferred)],
    ...(question === null ? [] : [['regimes trained on this fact', toKeys(seen)] as const]),
  ];
  const toColumns = (stated: readonly Stated[]) => stated.map(([name]) => ({ name }));
  const toCells = (stated: readonly Stated[]) => stated.map(([, cell]) => cell);
  const [first, last] = [toCells(front), [...toCells(behind), ...toSourceCells(source)]];
  return {
    ...table,
    date: null,
    columns: [...toColumns(front), ...table.columns, ...toColumns(behind), ...SOURCE_COLUMNS],
    rows: table.rows.map((row) => [...first, ...row, ...last]),
  };
}
