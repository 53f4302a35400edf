import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { NamedGroup } from '../NamedGroup.tsx';
import { RegimeMark } from '../RegimeMark.tsx';
import { toRegimeLook } from '../regime-look.ts';
import { useIsNarrow } from '../use-is-narrow.ts';
import { Axis } from './Axis.tsx';
import { type ChartEstimate, toDrawable } from './estimate.ts';
import styles from './PhaseBars.module.css';
import { type Scale, toPosition, toScale } from './scale.ts';
import { Whisker } from './Whisker.tsx';

/** One bar: parts behind each other from 0 on, the whole's interval at their end, and a thin bar below for another measure of it. */
export interface PhaseBar {
  id: string;
  label: string;
  /** Whose mark and colour it has. */
  regime: RegimeKey;
  isHighlighted: boolean;
  /** Milliseconds, in the order they pass; nothing where it was not timed. */
  parts: readonly { name: string; value: number; look: 'solid' | 'soft' }[];
  whole: ChartEstimate | null;
  below: ChartEstimate | null;
  /** Printed beside the bar. */
  values: ReactNode;
}

interface PhaseBarsProps {
  bars: readonly PhaseBar[];
  /** Names the plot for those who do not see it. */
  label: string;
  axisTitle: string;
}

/** Places in a row of 44 pixels: a bar alone, or one with another below it. */
const BAR = { top: 15, height: 14 };
const RAISED = { top: 10, height: 14 };
const BELOW = { top: 28, height: 5 };

/** Times of several regimes as bars from 0, one row each, with the intervals of their wholes. */
export function PhaseBars({ bars, label, axisTitle }: PhaseBarsProps) {
  const ends = bars.flatMap(({ whole, below }) => [toFarEnd(whole), toFarEnd(below)]).filter((end) => end !== null);
  const scale = toScale(ends);
  const isNarrow = useIsNarrow();
  return (
    <NamedGroup className={styles.bars} aria-label={label}>
      {bars.map((bar) => (
        <div key={bar.id} className={`${styles.row} ${bar.isHighlighted ? styles.highlighted : ''}`}>
          <div className={styles.label}>
            <RegimeMark regime={bar.regime} /> {bar.label}
          </div>
          <div className={styles.plot}>
            <svg width="100%" height="100%" aria-hidden="true">
              {scale.ticks.map((tick) => (
                <line
                  key={tick}
                  x1={toPosition(tick, scale)}
                  x2={toPosition(tick, scale)}
                  y1="0"
                  y2="100%"
                  stroke="var(--line)"
                />
              ))}
              <Bar bar={bar} scale={scale} />
            </svg>
          </div>
          <div className={styles.values}>{bar.values}</div>
        </div>
      ))}
      <div className={styles.axis} aria-hidden="true">
        {/* Beside their columns of words, bars on a phone are too short for more than the ends. */}
        <Axis scale={isNarrow ? { ...scale, ticks: [0, scale.max] } : scale} format={String} title={axisTitle} />
      </div>
    </NamedGroup>
  );
}

function Bar({ bar: { parts, regime, whole, below }, scale }: { bar: PhaseBar; scale: Scale }) {
  const { color } = toRegimeLook(regime);
  const drawable = toDrawable(whole);
  const under = toDrawable(below);
  const place = under === null ? BAR : RAISED;
  let from = 0;
  return (
    <>
      {parts.map(({ name, value, look }) => {
        const start = from;
        from += Number.isFinite(value) ? Math.max(0, value) : 0;
        return (
          <rect
            key={name}
            x={toPosition(start, scale)}
            y={place.top}
            width={toPosition(from - start, scale)}
            height={place.height}
            fill={color}
            opacity={look === 'soft' ? 0.45 : 0.85}
          />
        );
      })}
      {drawable === null ? null : (
        <Whisker estimate={drawable} scale={scale} y={place.top + place.height / 2} color="var(--ink)" />
      )}
      {under === null ? null : (
        <>
          <rect
            x="0"
            y={BELOW.top}
            width={toPosition(under.value, scale)}
            height={BELOW.height}
            fill="none"
            stroke={color}
          />
          <Whisker estimate={under} scale={scale} y={BELOW.top + BELOW.height / 2} color="var(--ink)" />
        </>
      )}
    </>
  );
}

function toFarEnd(estimate: ChartEstimate | null): number | null {
  const drawable = toDrawable(estimate);
  return drawable && (drawable.high ?? drawable.value);
}
