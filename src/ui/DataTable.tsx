import type { ReactNode } from 'react';
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
        <tbody>
          {rows.map((row) => (
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
      </table>
    </section>
  );
}
