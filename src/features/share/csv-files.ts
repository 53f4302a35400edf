import { type FigureExport, toCsv, toFileName } from '../../ui/charts/figure-export.ts';

/** Rows that become text at once: the facts alone are thousands of rows of some fifty cells. */
const ROWS_A_PIECE = 200;

/** What `toCsv` ends a line with. */
const LINE_END = '\r\n';

/** Tables as files, one each; a table, and each piece of its text, is made when it is asked for. */
export function* toCsvFiles(
  tables: Iterable<FigureExport>,
): Generator<{ path: string; content: Iterable<string> }, void> {
  for (const table of tables) yield { path: toFileName(table, 'csv'), content: toPieces(table) };
}

function* toPieces(table: FigureExport): Generator<string, void> {
  yield toCsv({ ...table, rows: [] });
  for (let start = 0; start < table.rows.length; start += ROWS_A_PIECE) {
    const rows = table.rows.slice(start, start + ROWS_A_PIECE);
    // Without columns the header is an empty line.
    yield toCsv({ ...table, columns: [], rows }).slice(LINE_END.length);
  }
}
