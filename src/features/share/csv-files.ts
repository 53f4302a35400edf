import { type FigureExport, toCsv, toFileName } from '../../ui/charts/figure-export.ts';

/** Rows that become text at once: the facts alone are thousands of rows of some fifty cells. */
const ROWS_A_PIECE = 200;

/** What `toCsv` ends a line with. */
const LINE_END = '\r\n';

/**
 * Tables as files, one each; a table, and each piece of its text, is made when it is asked for. Letters that a file name cannot have are alike
 * in it, so that a later table of the same name gets a number.
 */
export function* toCsvFiles(
  tables: Iterable<FigureExport>,
): Generator<{ path: string; content: Iterable<string> }, void> {
  const taken = new Map<string, number>();
  for (const table of tables) {
    const name = toFileName(table, 'csv');
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    const { measure } = table;
    const path = count === 1 ? name : toFileName({ ...table, measure: `${measure}-no-${count}` }, 'csv');
    yield { path, content: toPieces(table) };
  }
}

function* toPieces(table: FigureExport): Generator<string, void> {
  yield toCsv({ ...table, rows: [] });
  for (let start = 0; start < table.rows.length; start += ROWS_A_PIECE) {
    const rows = table.rows.slice(start, start + ROWS_A_PIECE);
    // Without columns the header is an empty line.
    yield toCsv({ ...table, columns: [], rows }).slice(LINE_END.length);
  }
}
