import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ShapeKey } from '../../core/shape/shape-regimes.ts';
import type { Latency, RegimeRow } from '../../state/results.ts';
import type { KernelMedians, ShapeRow } from '../../state/shape-state.ts';
import { type FigureExport, toEstimateCells, toEstimateColumns } from '../../ui/charts/figure-export.ts';
import { formatCount, formatMs, formatRatio } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { formatTimed, formatTimedInterval, toTokenResolution } from '../../ui/timing-words.ts';

/** A regime with its times, whatever was timed. */
export interface PhaseRow {
  id: string;
  label: string;
  regime: RegimeKey;
  latency: Latency;
  kernels: KernelMedians | null;
}

/** What the paper compares: input-side help and a LoRA beside the weights or in them, against none. */
export const PAPER_KEYS: readonly RegimeKey[] = [
  'lora-unmerged',
  'lora-merged',
  'prefix',
  'prompt',
  'idp',
  'compressed',
];

const SHAPE_LOOKS: Readonly<Record<ShapeKey, { label: string; regime: RegimeKey }>> = {
  dense: { label: 'Dense', regime: 'dense' },
  pruned: { label: 'Half the neurons', regime: 'compressed' },
  'four-bit': { label: '4 bit', regime: 'compressed' },
  'lora-unmerged': { label: 'LoRA unmerged', regime: 'lora-unmerged' },
  'lora-merged': { label: 'LoRA merged', regime: 'lora-merged' },
  prompt: { label: 'Prompt', regime: 'prompt' },
  idp: { label: 'IDP', regime: 'idp' },
};

/** A regime of a shape in words. */
export function toShapeLabel(key: ShapeKey): string {
  return SHAPE_LOOKS[key].label;
}

export function toPaperRows(rows: readonly RegimeRow[]): readonly PhaseRow[] {
  return PAPER_KEYS.flatMap((key) => {
    const latency = rows.find((row) => row.key === key)?.latency ?? null;
    const label = key === 'compressed' ? 'None' : toRegimeLook(key).label;
    return latency === null ? [] : [{ id: key, label, regime: key, latency, kernels: null }];
  });
}

export function toShapeRows(rows: readonly ShapeRow[]): readonly PhaseRow[] {
  return rows.map(({ key, latency, kernels }) => ({ id: key, ...SHAPE_LOOKS[key], latency, kernels }));
}

/** The row that ratios are to; null where it was not timed. */
export function findReference(rows: readonly PhaseRow[]): PhaseRow | null {
  return rows.find(({ id }) => id === 'lora-unmerged') ?? null;
}

/** A time over that of the reference, such as `0.62×`; a dash where the two were not timed in turns. */
export function toRatio(row: PhaseRow, reference: PhaseRow | null, phase: 'ttftMs' | 'perTokenMs'): string {
  const isPaired = reference !== null && row.latency.startedAt === reference.latency.startedAt;
  return formatRatio(row.latency[phase]?.value ?? null, isPaired ? (reference.latency[phase]?.value ?? null) : null);
}

export const PHASE_COLUMNS = [
  'Regime',
  'First token',
  '95 % interval of it',
  'to LoRA unmerged',
  'Routing',
  '95 % interval of routing',
  'Prefill',
  '95 % interval of prefill',
  'Per further token',
  '95 % interval',
  'to LoRA unmerged, per token',
  'Runs',
] as const;

export const KERNEL_COLUMNS = ['Kernels, prefill', 'Kernels, per further token', 'Kernels a token'] as const;

/** The chart's twin: one row per regime, phases apart; kernel times where there are any. */
export function toPhaseTable(rows: readonly PhaseRow[], hasKernels: boolean) {
  const reference = findReference(rows);
  return rows.map((row) => {
    const { ttftMs, routingMs, prefillMs, perTokenMs, timerResolutionMs } = row.latency;
    const tokenResolutionMs = toTokenResolution(timerResolutionMs);
    const times = [ttftMs, routingMs, prefillMs].map((median) => [
      formatTimed(median, timerResolutionMs),
      formatTimedInterval(median, timerResolutionMs),
    ]);
    const [first = [], ...others] = times;
    return {
      key: row.id,
      cells: [
        row.label,
        ...first,
        toRatio(row, reference, 'ttftMs'),
        ...others.flat(),
        formatTimed(perTokenMs, tokenResolutionMs),
        formatTimedInterval(perTokenMs, tokenResolutionMs),
        toRatio(row, reference, 'perTokenMs'),
        formatCount(ttftMs.n),
        ...(hasKernels ? toKernelCells(row.kernels) : []),
      ],
    };
  });
}

function toKernelCells(kernels: KernelMedians | null): readonly string[] {
  return [
    formatMs(kernels?.prefillMs.value ?? null),
    formatMs(kernels?.perTokenMs.value ?? null),
    formatCount(kernels?.kernelsPerToken ?? null),
  ];
}

/** The same as files carry it; `name` and `date` say of what. */
export function toPhaseExport(
  rows: readonly PhaseRow[],
  { pack, measure, date }: Pick<FigureExport, 'pack' | 'measure' | 'date'>,
): FigureExport {
  return {
    pack,
    measure,
    date,
    columns: [
      { name: 'regime' },
      ...toEstimateColumns('first token', 'ms', 'runs'),
      ...toEstimateColumns('routing', 'ms', 'runs with routing'),
      ...toEstimateColumns('prefill', 'ms', 'runs of prefill'),
      ...toEstimateColumns('per further token', 'ms', 'runs of further tokens'),
      ...toEstimateColumns('kernels of prefill', 'ms', 'profiled runs of prefill'),
      ...toEstimateColumns('kernels per further token', 'ms', 'profiled runs'),
      { name: 'kernels a token' },
      { name: 'timer resolution', unit: 'ms' },
    ],
    rows: rows.map(({ id, latency, kernels }) => [
      id,
      ...[latency.ttftMs, latency.routingMs, latency.prefillMs, latency.perTokenMs].flatMap(toEstimateCells),
      ...[kernels?.prefillMs ?? null, kernels?.perTokenMs ?? null].flatMap(toEstimateCells),
      kernels?.kernelsPerToken ?? null,
      latency.timerResolutionMs,
    ]),
  };
}
