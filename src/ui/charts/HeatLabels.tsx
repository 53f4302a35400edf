import styles from './CanvasHeatMap.module.css';
import type { HeatCellPlace, HeatLayout } from './heat-layout.ts';

interface HeatLabelsProps {
  layout: HeatLayout;
  /** Its row's and column's labels are drawn strong. */
  active: HeatCellPlace | null;
}

/** In rem: from a label to its cells, and from a line of text's middle to its foot. */
const SPACE = 0.25;
const FOOT = 0.22;

/** Labels of rows and columns with the headings of groups, as SVG: crisp, and text in an exported picture too. */
export function HeatLabels({ layout, active }: HeatLabelsProps) {
  const { rows, columns, groups, rowLabels, columnLabels, headings, width, height, isUpright, rem } = layout;
  const bottom = headings + columnLabels - SPACE * rem;
  return (
    <>
      <span className={styles.corner} />
      <svg className={styles.columnLabels} width={width} height={headings + columnLabels} aria-hidden="true">
        {groups.map(({ text, start, size }) => (
          <g key={start}>
            <text className={styles.heading} x={start} y={0.7 * rem}>
              {text}
            </text>
            <line className={styles.rule} x1={start} x2={start + size - 1} y1={rem} y2={rem} />
          </g>
        ))}
        {columns.map(({ start, size, label }, i) => {
          const x = start + size / 2;
          return (
            <text
              key={start}
              className={active?.column === i ? styles.strong : styles.label}
              {...(isUpright
                ? { transform: `translate(${x + FOOT * rem} ${bottom}) rotate(-90)` }
                : { x, y: bottom, textAnchor: 'middle' as const })}
            >
              {label}
            </text>
          );
        })}
      </svg>
      <svg className={styles.rowLabels} width={rowLabels} height={height} aria-hidden="true">
        {rows.map(({ start, size, label }, i) => (
          <text
            key={start}
            className={active?.row === i ? styles.strong : styles.label}
            x={rowLabels - SPACE * rem}
            y={start + size / 2 + FOOT * rem}
            textAnchor="end"
          >
            {label}
          </text>
        ))}
      </svg>
    </>
  );
}
