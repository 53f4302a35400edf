import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { formatSigned } from '../format.ts';
import { NamedGroup } from '../NamedGroup.tsx';
import { RegimeMark } from '../RegimeMark.tsx';
import { Axis } from './Axis.tsx';
import styles from './ForestPlot.module.css';
import { PlotGround } from './PlotGround.tsx';
import type { Plot } from './plot.ts';
import { RowMarks } from './RowMarks.tsx';
import { type Scale, type Span, toPosition, toSpan } from './scale.ts';

export interface ForestRow {
  id: string;
  /** As short as the group's title allows; `name` is what stands for it where the title is not seen. */
  label: string;
  name: string;
  /** Whose colour and shape the mark has. */
  key: RegimeKey;
  /** A difference of shares with its interval. */
  estimate: { value: number; low: number; high: number };
  n: number;
  /** Drawn filled; what is not decided stays an outline. */
  isDecided: boolean;
  isHighlighted: boolean;
  /** The estimate in print, beside it what it comes to in words, below both how it was tested. */
  figures: ReactNode;
  outcome: string;
  test: string;
}

export interface ForestGroup {
  id: string;
  title: string;
  rows: readonly ForestRow[];
}

interface ForestPlotProps {
  /** Side by side where there is room, else one below the other; each with an axis, all of one scale. */
  columns: readonly (readonly ForestGroup[])[];
  /** What the scale must hold beside these, since another plot stands on it too. */
  beside?: readonly { low: number; high: number }[];
  /** Names the plot for those who do not see it. */
  label: string;
  axisTitle: string;
}

/** Differences with their intervals around 0, group by group on one scale; every row says in print and in words what it shows. */
export function ForestPlot({ columns, beside = [], label, axisTitle }: ForestPlotProps) {
  const groups = columns.flat();
  const drawn = groups.flatMap(({ rows }) => rows.map(({ estimate }) => estimate));
  const span = toSpan([...drawn, ...beside].flatMap(({ low, high }) => [low, high]));
  return (
    <NamedGroup className={styles.forest} aria-label={label}>
      {columns.map((own) => (
        <div key={own[0]?.id} className={styles.column}>
          {own.map((group) => (
            <Group key={group.id} group={group} span={span} />
          ))}
          <div className={styles.axis} aria-hidden="true">
            <Axis
              scale={toScaleOf(toLabelled(span))}
              format={(tick) => formatSigned(tick + span.from)}
              title={axisTitle}
              isShort
            />
          </div>
        </div>
      ))}
    </NamedGroup>
  );
}

/** More labels run into each other where plots stand side by side. */
const MAX_LABELS = 6;

/** The same with no more ticks than have room for their labels; 0 keeps its own. */
function toLabelled({ ticks, ...span }: Span): Span {
  const step = Math.ceil(ticks.length / MAX_LABELS);
  const zero = ticks.indexOf(0);
  return { ...span, ticks: ticks.filter((_, i) => (i - zero) % step === 0) };
}

/** The same length counted from 0, as plots have it. */
function toScaleOf({ from, to, ticks }: Span): Scale {
  return { max: to - from, ticks: ticks.map((tick) => tick - from) };
}

function Group({ group: { title, rows }, span }: { group: ForestGroup; span: Span }) {
  const scale = toScaleOf(span);
  const zero = toPosition(-span.from, scale);
  const plotOf = (row: ForestRow): Plot => ({
    rows: [{ key: row.key, marks: [toMark(row, span.from)] }],
    scale,
    band: null,
    hasStem: false,
    format: formatSigned,
    unit: 'items',
  });
  return (
    <section className={styles.group}>
      <h4 className={styles.title}>{title}</h4>
      <ul>
        {rows.map((row) => (
          <li key={row.id} className={`${styles.row} ${row.isHighlighted ? styles.highlighted : ''}`}>
            <span className={styles.label}>
              <RegimeMark regime={row.key} isHollow={!row.isDecided} /> <span aria-hidden="true">{row.label}</span>
              <span className="visually-hidden">{row.name}</span>
            </span>
            <span className={styles.plot}>
              <svg width="100%" height="100%" overflow="visible" aria-hidden="true">
                <PlotGround plot={plotOf(row)} />
                <line x1={zero} x2={zero} y1="0" y2="100%" stroke="var(--line-strong)" />
                <Marks plot={plotOf(row)} />
              </svg>
            </span>
            <span className={styles.words}>
              <span>{row.figures}</span>{' '}
              <span className={row.isDecided ? styles.decided : styles.open}>{row.outcome}</span>{' '}
              <span className={styles.test}>{row.test}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Marks({ plot }: { plot: Plot }) {
  return plot.rows.map((row) => <RowMarks key={row.key} plot={plot} row={row} />);
}

/** The row's estimate, counted from the axis's left end. */
function toMark({ id, estimate: { value, low, high }, n, isDecided }: ForestRow, from: number) {
  const estimate = { value: value - from, low: low - from, high: high - from, n };
  return { name: id, estimate, top: 0.5, look: isDecided ? ('filled' as const) : ('hollow' as const) };
}
