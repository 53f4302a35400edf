import type { RegimeKey } from '../../core/recover/regime.ts';
import { type PhaseBar, PhaseBars } from '../../ui/charts/PhaseBars.tsx';
import { formatTimed, toTokenResolution } from '../../ui/timing-words.ts';
import styles from './LatencyPanel.module.css';
import { findReference, type PhaseRow, toRatio } from './phase-rows.ts';

interface PhaseChartsProps {
  rows: readonly PhaseRow[];
  highlighted: RegimeKey;
  hasKernels: boolean;
}

/** Time to the first token with its routing and prefill, and time per further token, side by side, each with its ratio to LoRA unmerged. */
export function PhaseCharts({ rows, highlighted, hasKernels }: PhaseChartsProps) {
  const reference = findReference(rows);
  return (
    <>
      <p className={styles.legend} aria-hidden="true">
        <span>
          <i className={styles.soft} /> routing
        </span>
        <span>
          <i className={styles.solid} /> prefill, or one further token
        </span>
        {hasKernels ? (
          <span>
            <i className={styles.outline} /> its GPU kernels alone
          </span>
        ) : null}
        <span>× is to LoRA unmerged. Shorter is faster.</span>
      </p>
      <div className={styles.pair}>
        <PhaseBars
          bars={rows.map((row) => toFirstBar(row, reference, highlighted))}
          label="Time to the first token by regime, medians. The table gives the phases with their intervals."
          axisTitle="time to first token, ms"
        />
        <PhaseBars
          bars={rows.map((row) => toTokenBar(row, reference, highlighted))}
          label="Time per further token by regime, medians. The table gives the intervals."
          axisTitle="per further token, ms"
        />
      </div>
    </>
  );
}

function toFirstBar(row: PhaseRow, reference: PhaseRow | null, highlighted: RegimeKey): PhaseBar {
  const { ttftMs, routingMs, timerResolutionMs } = row.latency;
  const routing = routingMs?.value ?? 0;
  // The bar ends where the whole does: medians of parts need not add up to the whole's, which the table shows.
  const rest = Math.max(0, ttftMs.value - routing);
  return {
    ...toBarStart(row, highlighted),
    parts: [
      ...(routing > 0 ? [{ name: 'routing', value: routing, look: 'soft' as const }] : []),
      { name: 'prefill', value: rest, look: 'solid' },
    ],
    whole: ttftMs,
    below: row.kernels?.prefillMs ?? null,
    values: (
      <span>
        <b>{formatTimed(ttftMs, timerResolutionMs)}</b>{' '}
        <span className={styles.ratio}>{toRatio(row, reference, 'ttftMs')}</span>
      </span>
    ),
  };
}

function toTokenBar(row: PhaseRow, reference: PhaseRow | null, highlighted: RegimeKey): PhaseBar {
  const { perTokenMs, timerResolutionMs } = row.latency;
  return {
    ...toBarStart(row, highlighted),
    parts: perTokenMs === null ? [] : [{ name: 'decode', value: perTokenMs.value, look: 'solid' }],
    whole: perTokenMs,
    below: row.kernels?.perTokenMs ?? null,
    values: (
      <span>
        <b>{formatTimed(perTokenMs, toTokenResolution(timerResolutionMs))}</b>{' '}
        <span className={styles.ratio}>{toRatio(row, reference, 'perTokenMs')}</span>
      </span>
    ),
  };
}

function toBarStart({ id, label, regime }: PhaseRow, highlighted: RegimeKey) {
  return { id, label, regime, isHighlighted: regime === highlighted };
}
