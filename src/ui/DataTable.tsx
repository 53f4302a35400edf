import { type ReactNode, useEffect, useState } from 'react';
import styles from './DataTable.module.css';

interface DataTableProps {
  caption: string;
  columns: readonly string[];
  /** First cell is the row's heading. */
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  /** Many rows: the table scrolls under its headings. */
  isLong?: boolean;
}

/** Characters beyond which a cell is no figure with its interval but a sentence, which may be broken. */
const LONGEST_FIGURE = 40;

function isSentence(cell: ReactNode): boolean {
  return typeof cell === 'string' && cell.length > LONGEST_FIGURE;
}

/** Rows that are drawn in one frame: hundreds at once take more than 50 ms, most of it for the widths of columns. */
const ROWS_AT_ONCE = 25;

/** Figures as a plain table: the twin of a chart. Scrolls sideways by itself where it is too wide. */
export function DataTable({ caption, columns, rows, isLong = false }: DataTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={`${styles.scroll} ${isLong ? styles.long : ''}`} aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <Rows key={caption} columns={columns} rows={rows} />
      </table>
    </section>
  );
}

/** The first rows at once, the others frame by frame. */
function Rows({ columns, rows }: Pick<DataTableProps, 'columns' | 'rows'>) {
  const [drawn, setDrawn] = useState(ROWS_AT_ONCE);
  const isWhole = drawn >= rows.length;
  useEffect(() => {
    if (isWhole) return;
    const frame = requestAnimationFrame(() => setDrawn(drawn + ROWS_AT_ONCE));
    return () => cancelAnimationFrame(frame);
  }, [drawn, isWhole]);
  return (
    <tbody>
      {rows.slice(0, drawn).map((row) => (
        <tr key={row.key}>
          {row.cells.map((cell, column) =>
            column === 0 ? (
              <th key={columns[column]} scope="row">
                {cell}
              </th>
            ) : (
              <td key={columns[column]} className={isSentence(cell) ? styles.sentence : undefined}>
                {cell}
              </td>
            ),
          )}
        </tr>
      ))}
    </tbody>
  );
}
