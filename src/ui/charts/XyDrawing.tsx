import type { RegimeKey } from '../../core/recover/regime.ts';
import { RegimeShapePath } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import styles from './XyChart.module.css';
import type { PlacedLabel, PlacedMark, XyLayout } from './xy-layout.ts';
import type { XyPlot } from './xy-plot.ts';

interface XyDrawingProps {
  plot: XyPlot;
  layout: XyLayout;
  highlighted: RegimeKey;
}

/** Half the length of a whisker's ends, in pixels. */
const WHISKER_END = 3;

/** Size of an ordinary mark. */
const MARK_SCALE = 0.8;

/** Scale of a mark whose area is so many times an ordinary one's. */
export function toMarkScale(area: number): string {
  return (MARK_SCALE * Math.sqrt(area)).toFixed(3);
}

/** Opacity of points that are drawn back: still to be seen one by one. */
const FAINT = 0.4;

/** The plot as SVG: axes, lines, intervals, marks, and every line's name at its end. */
export function XyDrawing({ plot, layout, highlighted }: XyDrawingProps) {
  const { area, rem, toY, lines, marks, labels } = layout;
  const right = area.left + area.width;
  const isLast = (key: RegimeKey) => Number(key === highlighted);
  const toRank = ({ key, point }: PlacedMark) => (point.isFaint ? 0 : point.isRimmed ? 4 : 2) + isLast(key);
  return (
    <svg className={styles.drawing} width="100%" height="100%" aria-hidden="true">
      <Axes plot={plot} layout={layout} />
      {plot.reference === null ? null : (
        <line
          x1={area.left}
          x2={right}
          y1={toY(plot.reference.y.value)}
          y2={toY(plot.reference.y.value)}
          stroke={toRegimeLook(plot.reference.key).color}
          strokeWidth="1.25"
          strokeDasharray="2 3"
        />
      )}
      {[...lines]
        .sort((one, other) => isLast(one.key) - isLast(other.key))
        .map(({ key, corners }) => (
          <polyline
            key={key}
            points={corners}
            fill="none"
            stroke={toRegimeLook(key).color}
            strokeWidth={key === highlighted ? 2.5 : 1.25}
            strokeLinejoin="round"
          />
        ))}
      {[...marks]
        .sort((one, other) => toRank(one) - toRank(other))
        .map((mark) => (
          <Mark key={mark.point.id} mark={mark} />
        ))}
      {labels.map((label) => (
        <EndLabel key={label.key} label={label} x={right} rem={rem} isStrong={label.key === highlighted} />
      ))}
    </svg>
  );
}

function Axes({ plot, layout }: Pick<XyDrawingProps, 'plot' | 'layout'>) {
  const { area, rem, toX, toY, xTicks } = layout;
  const right = area.left + area.width;
  const bottom = area.top + area.height;
  return (
    <g className={styles.axes}>
      <text x="0" y={0.8 * rem}>
        {plot.y.title}
      </text>
      {plot.y.ticks.map(({ value, label }) => (
        <g key={value}>
          <line x1={area.left} x2={right} y1={toY(value)} y2={toY(value)} stroke="var(--line)" />
          <text x={area.left - 0.5 * rem} y={toY(value) + 0.26 * rem} textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      <line x1={area.left} x2={right} y1={bottom} y2={bottom} stroke="var(--line-strong)" />
      {xTicks.map(({ value, label }) => (
        <g key={value}>
          <line x1={toX(value)} x2={toX(value)} y1={bottom} y2={bottom + 4} stroke="var(--line-strong)" />
          <text x={toX(value)} y={bottom + 1.1 * rem} textAnchor="middle">
            {label}
          </text>
        </g>
      ))}
      <text x={area.left + area.width / 2} y={bottom + 2.3 * rem} textAnchor="middle">
        {plot.x.title}
      </text>
    </g>
  );
}

function Mark({ mark: { key, point, x, y, whisker, xWhisker } }: { mark: PlacedMark }) {
  return (
    <g stroke={toRegimeLook(key).color} strokeWidth="1.5" {...(point.isFaint ? { opacity: FAINT } : {})}>
      {whisker === null ? null : (
        <>
          <line x1={x} x2={x} y1={whisker.top} y2={whisker.bottom} />
          <line x1={x - WHISKER_END} x2={x + WHISKER_END} y1={whisker.top} y2={whisker.top} />
          <line x1={x - WHISKER_END} x2={x + WHISKER_END} y1={whisker.bottom} y2={whisker.bottom} />
        </>
      )}
      {xWhisker === null ? null : (
        <>
          <line x1={xWhisker.left} x2={xWhisker.right} y1={y} y2={y} />
          <line x1={xWhisker.left} x2={xWhisker.left} y1={y - WHISKER_END} y2={y + WHISKER_END} />
          <line x1={xWhisker.right} x2={xWhisker.right} y1={y - WHISKER_END} y2={y + WHISKER_END} />
        </>
      )}
      <g transform={`translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${toMarkScale(point.area ?? 1)})`}>
        <RegimeShapePath regime={key} isHollow={point.isHollow} isRimmed={point.isRimmed} />
      </g>
    </g>
  );
}

interface EndLabelProps {
  label: PlacedLabel;
  /** Right edge of the plot. */
  x: number;
  rem: number;
  isStrong: boolean;
}

/** A line's name beside its end, tied to it where labels had to move apart. */
function EndLabel({ label, x, rem, isStrong }: EndLabelProps) {
  const { color } = toRegimeLook(label.key);
  return (
    <g>
      <polyline
        points={`${label.x},${label.y} ${x + 0.2 * rem},${label.y} ${x + 0.6 * rem},${label.top}`}
        fill="none"
        stroke={color}
        opacity="0.5"
      />
      <g transform={`translate(${x + rem} ${label.top}) scale(0.75)`}>
        <RegimeShapePath regime={label.key} />
      </g>
      <text className={isStrong ? styles.strong : styles.label} x={x + 1.5 * rem} y={label.top + 0.26 * rem}>
        {label.text}
      </text>
    </g>
  );
}
