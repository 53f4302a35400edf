import styles from './HeatMap.module.css';
import { LeftOutNote } from './LeftOutNote.tsx';
import { useMarks } from './use-marks.ts';

export interface HeatCell {
  /** What the cell's darkness tells, from 0 (none) to 1 (most); null where nothing was measured. */
  share: number | null;
  /** The value as printed in the cell, short. */
  text: string;
  /** Everything about it: place, value with unit, interval, count. */
  description: string;
}

interface HeatMapProps {
  caption: string;
  columns: readonly string[];
  rows: readonly { name: string; cells: readonly HeatCell[] }[];
  /** What the lightest and the darkest step stand for. */
  legend: { title: string; least: string; most: string };
}

/** Steps of darkness: few enough to be told apart, also in grey, and none in between where no text could be read. */
const STEPS = [0, 1, 2, 3, 4, 5] as const;

/** A cell is a button of the page: more of them would hold it up. */
const MOST_CELLS = 3000;

/** Values by row and column, printed and shaded; one stop of the Tab key, arrow keys from cell to cell. */
export function HeatMap({ caption, columns, rows: all, legend }: HeatMapProps) {
  const mostRows = Math.max(1, Math.floor(MOST_CELLS / Math.max(1, columns.length)));
  const rows = all.length > mostRows ? all.slice(0, mostRows) : all;
  const places = rows.flatMap((row, y) => row.cells.map((_, x) => ({ x, y, group: '' })));
  const { active, toButtonProps } = useMarks(places);
  const shown = active === null ? undefined : rows.flatMap(({ cells }) => cells)[active];
  return (
    <div className={styles.map}>
      <div className={styles.legend} aria-hidden="true">
        <span>{legend.title}</span>
        <span>{legend.least}</span>
        <span className={styles.ramp}>
          {STEPS.map((step) => (
            <span key={step} className={styles.swatch} data-step={step} />
          ))}
        </span>
        <span>{legend.most}</span>
      </div>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <caption className="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <td />
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, y) => (
              <tr key={row.name}>
                <th scope="row">{row.name}</th>
                {row.cells.map((cell, x) => (
                  <td key={columns[x]} {...(cell.share === null ? {} : { 'data-step': toStep(cell.share) })}>
                    <button
                      type="button"
                      className={styles.cell}
                      aria-label={cell.description}
                      {...toButtonProps(y * columns.length + x)}
                    >
                      {cell.text}
                    </button>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <LeftOutNote drawn={rows.length} of={all.length} unit="rows" />
      <p className={styles.readout} data-export="no" aria-hidden="true">
        {shown?.description ?? 'Point at a cell, or use the arrow keys, for its figures.'}
      </p>
    </div>
  );
}

function toStep(share: number): number {
  return Math.min(STEPS.length - 1, Math.max(0, Math.floor(share * STEPS.length)));
}
