import { useMemo } from 'react';
import { formatCount } from '../format.ts';
import { NamedGroup } from '../NamedGroup.tsx';
import styles from './Histogram.module.css';
import { type HistogramLayout, type HistogramSeries, toHistogramLayout, toMergedBins } from './histogram-layout.ts';
import boxStyles from './readout-box.module.css';
import { useBox } from './use-box.ts';
import { useMarks } from './use-marks.ts';

interface HistogramProps {
  /** Borders of the bins, rising. */
  edges: ArrayLike<number>; // [bins + 1]
  series: readonly HistogramSeries[];
  isLog: boolean;
  /** Names the plot for those who do not see it. */
  label: string;
  xTitle: string;
  yTitle: string;
  formatEdge: (edge: number) => string;
}

/** Counts by bin, one outline per series over the same bins; every bin can be pointed at, also with the arrow keys. */
export function Histogram(props: HistogramProps) {
  const { isLog, label, xTitle, yTitle, formatEdge } = props;
  const { edges, series } = useMemo(() => toMergedBins(props.edges, props.series), [props.edges, props.series]);
  const [ref, box] = useBox();
  const layout = box === null ? null : toHistogramLayout({ edges, series, isLog, formatEdge }, box);
  const { active, toButtonProps } = useMarks(layout?.places ?? []);
  const shown = active === null ? undefined : layout?.bins[active];
  const toBinText = (bin: number) => `${formatEdge(edges[bin] ?? 0)} to ${formatEdge(edges[bin + 1] ?? 0)}`;
  const toCounts = (bin: number) => series.map(({ name, counts }) => `${name} ${formatCount(counts[bin] ?? 0)}`);
  return (
    <NamedGroup className={styles.histogram} aria-label={label}>
      <ul className={styles.legend} aria-hidden="true">
        {series.map(({ name, color, isDashed }) => (
          <li key={name}>
            <svg width="20" height="8" aria-hidden="true">
              <line x1="0" x2="20" y1="4" y2="4" {...toStroke(color, isDashed)} />
            </svg>{' '}
            {name}
          </li>
        ))}
      </ul>
      <div ref={ref} className={styles.plot}>
        {layout === null ? null : <Drawing layout={layout} series={series} xTitle={xTitle} yTitle={yTitle} />}
        {layout?.bins.map(({ left, width }, bin) => (
          <button
            key={left}
            type="button"
            className={styles.bin}
            style={{
              insetInlineStart: left,
              inlineSize: width,
              insetBlockStart: layout.area.top,
              blockSize: layout.area.height,
            }}
            aria-label={`${toBinText(bin)}: ${toCounts(bin).join(', ')}`}
            {...toButtonProps(bin)}
          />
        ))}
        {shown === undefined || active === null ? null : (
          <div
            className={`${boxStyles.box} ${styles.readout}`}
            style={{ ['--x' as string]: `${Math.round(shown.left + shown.width / 2)}px` }}
            data-export="no"
            aria-hidden="true"
          >
            <b>{toBinText(active)}</b>
            {toCounts(active).map((text) => (
              <span key={text}>{text}</span>
            ))}
          </div>
        )}
      </div>
    </NamedGroup>
  );
}

function toStroke(color: string, isDashed: boolean) {
  return { stroke: color, strokeWidth: 1.5, ...(isDashed ? { strokeDasharray: '4 2' } : {}) };
}

interface DrawingProps {
  layout: HistogramLayout;
  series: readonly HistogramSeries[];
  xTitle: string;
  yTitle: string;
}

function Drawing({ layout: { area, rem, xTicks, yTicks, outlines }, series, xTitle, yTitle }: DrawingProps) {
  const all = series.map((each, i) => ({ ...each, outline: outlines[i] ?? '', isFirst: i === 0 }));
  // Dashes last: what lies below shows between them.
  const drawn = all.sort((one, other) => Number(one.isDashed) - Number(other.isDashed));
  const [right, bottom] = [area.left + area.width, area.top + area.height];
  return (
    <svg className={styles.drawing} width="100%" height="100%" aria-hidden="true">
      <g className={styles.axes}>
        <text x="0" y={0.8 * rem}>
          {yTitle}
        </text>
        {yTicks.map(({ place, label }) => (
          <g key={label}>
            <line x1={area.left} x2={right} y1={place} y2={place} stroke="var(--line)" />
            <text x={area.left - 0.5 * rem} y={place + 0.26 * rem} textAnchor="end">
              {label}
            </text>
          </g>
        ))}
        <line x1={area.left} x2={right} y1={bottom} y2={bottom} stroke="var(--line-strong)" />
        {xTicks.map(({ place, label }) => (
          <g key={label}>
            <line x1={place} x2={place} y1={bottom} y2={bottom + 4} stroke="var(--line-strong)" />
            <text x={place} y={bottom + 1.1 * rem} textAnchor="middle">
              {label}
            </text>
          </g>
        ))}
        <text x={area.left + area.width / 2} y={bottom + 2.3 * rem} textAnchor="middle">
          {xTitle}
        </text>
      </g>
      {drawn.map(({ name, color, isDashed, outline, isFirst }) => (
        <polyline
          key={name}
          points={outline}
          fill={isFirst ? color : 'none'}
          fillOpacity="0.1"
          strokeLinejoin="round"
          {...toStroke(color, isDashed)}
        />
      ))}
    </svg>
  );
}
