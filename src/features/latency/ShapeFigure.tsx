import type { RegimeKey } from '../../core/recover/regime.ts';
import { useShapeStore } from '../../state/hooks.ts';
import type { KernelGap, ShapeResults } from '../../state/shape-state.ts';
import { SLOWED_FACTOR } from '../../state/timed-rounds.ts';
import { MEDIAN_INTERVALS, toCountText, toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toTimingText } from '../../ui/timing-words.ts';
import styles from './LatencyPanel.module.css';
import { PhaseCharts } from './PhaseCharts.tsx';
import {
  KERNEL_COLUMNS,
  PHASE_COLUMNS,
  SHAPE_CONTEXT_TOKENS,
  toPhaseExport,
  toPhaseTable,
  toRatioText,
  toShapeRows,
} from './phase-rows.ts';
import { ShapeRun } from './ShapeRun.tsx';

interface ShapeFigureProps {
  highlighted: RegimeKey;
}

const GAPS: Readonly<Record<KernelGap, string>> = {
  'no-gpu': 'The CPU has no GPU kernels, so there are no kernel times.',
  'no-timestamps': 'This adapter has no timestamp queries, so there are no kernel times.',
  stopped: 'The timing was stopped before the kernel times were read.',
};

/** How long a larger model's shape takes in every regime, on random weights: times without any accuracy. */
export function ShapeFigure({ highlighted }: ShapeFigureProps) {
  const live = useShapeStore((state) => state.live);
  const recorded = useShapeStore((state) => state.recorded);
  const results = live ?? recorded;
  const rows = toShapeRows(results);
  const hasKernels = rows.some(({ kernels }) => kernels !== null);
  return (
    <ChartFigure
      title="SmolLM2-135M: shape only, no accuracy"
      badge={results === null ? null : <SourceBadge source={results.source} />}
      run={<ShapeRun />}
      chart={
        results === null ? (
          <p className={styles.empty}>Nothing was timed yet.</p>
        ) : (
          <PhaseCharts rows={rows} highlighted={highlighted} hasKernels={hasKernels} />
        )
      }
      table={
        <DataTable
          caption="Times of SmolLM2-135M's shape"
          columns={hasKernels ? [...PHASE_COLUMNS, ...KERNEL_COLUMNS] : PHASE_COLUMNS}
          rows={toPhaseTable(rows, hasKernels)}
        />
      }
      exported={toPhaseExport(rows, {
        pack: 'smollm2-135m-shape',
        measure: 'phases',
        date: results?.source.date ?? null,
      })}
      caption={
        results === null
          ? 'Atlas is so small that dispatches, not weights, set its times. So the same protocol also times random weights in SmolLM2-135M’s sizes: they answer nothing, only their times mean something.'
          : toCaption(results)
      }
    />
  );
}

function toCaption(results: ShapeResults): string {
  const { source, numLayers, rows, kernelGap } = results;
  const layers =
    numLayers === 30
      ? 'all 30 layers'
      : `${numLayers} of its 30 layers, with its whole vocabulary; nothing is extrapolated to the rest`;
  const kernels =
    kernelGap === null
      ? `Kernel times are sums of timestamp queries over separate, profiled runs (${toCountText(
          rows.map((row) => row.kernels?.prefillMs ?? null),
          'runs',
        )}); routing has kernels of its own that are not in them. Browsers may round timestamps to 0.1 ms. `
      : `${GAPS[kernelGap]} `;
  const device =
    source.deviceKind === 'wasm'
      ? 'On wasm the graphs carry their weights here: bound ones are copied at every run, which would be most of the time. '
      : '';
  return `Random weights in SmolLM2-135M's sizes, ${layers}: ${SHAPE_CONTEXT_TOKENS} tokens of context, 8 new ones. A merged LoRA, a prompt and a pool run the dense weights; what differs between dense and LoRA-merged is noise. Medians of ${toCountText(
    rows.map(({ latency }) => latency.ttftMs),
    'runs',
  )} per regime, regimes in turns, warm-up excluded; whiskers are ${MEDIAN_INTERVALS}. ${toTimingText(
    rows.map(({ latency }) => latency),
    SLOWED_FACTOR,
  )}${toRatioText(toShapeRows(results))}${kernels}${device}${toSourceText(source)}`;
}
