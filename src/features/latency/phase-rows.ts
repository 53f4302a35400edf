import type { TimeChange, TimeComparison, TimePhase } from '../../core/eval/compare-times.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { ShapeKey } from '../../core/shape/shape-regimes.ts';
import type { Latency, RegimeRow } from '../../state/results.ts';
import { toShapeSize } from '../../state/shape-plan.ts';
import type { KernelMedians, ShapeResults } from '../../state/shape-state.ts';
import { SHAPE_LABELS } from '../../state/shape-words.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toEstimateCells,
  toEstimateColumns,
} from '../../ui/charts/figure-export.ts';
import { formatBytes, formatCount, formatMs, formatP, formatRatio, formatRatios, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { formatTimed, formatTimedInterval, toTokenResolution } from '../../ui/timing-words.ts';

/** A regime with its times, whatever was timed. */
export interface PhaseRow {
  id: string;
  label: string;
  regime: RegimeKey;
  latency: Latency;
  /** How much longer it takes than LoRA unmerged, paired by round; null where the two do not pair. */
  againstLora: Readonly<Record<TimePhase, Change | null>>;
  kernels: KernelMedians | null;
  /** Null where the model was not loaded yet. */
  size: { runtimeBytes: number; extraParameters: number } | null;
}

type Change = Omit<TimeChange, 'rounds'>;

const UNPAIRED = { ttftMs: null, perTokenMs: null };

/** What the paper compares: input-side help and a LoRA beside the weights or in them, against none. */
export const PAPER_KEYS: readonly RegimeKey[] = [
  'lora-unmerged',
  'lora-merged',
  'prefix',
  'prompt',
  'idp',
  'compressed',
];

/** Tokens that every run of a shape reads first (`src/engine/shape-model.ts`). */
export const SHAPE_CONTEXT_TOKENS = 32;

/** Whose mark a regime of a shape has: what shrinks the weights stands for compression. */
const SHAPE_MARKS: Readonly<Record<ShapeKey, RegimeKey>> = {
  dense: 'dense',
  pruned: 'compressed',
  'four-bit': 'compressed',
  'lora-unmerged': 'lora-unmerged',
  'lora-merged': 'lora-merged',
  prompt: 'prompt',
  idp: 'idp',
};

export function toPaperRows(
  rows: readonly RegimeRow[],
  comparisons: readonly TimeComparison[] | null,
): readonly PhaseRow[] {
  const toChange = (key: RegimeKey, phase: TimePhase): Change | null => {
    const found = comparisons?.find(
      (each) =>
        each.isExploratory && each.phase === phase && each.first.key === key && each.second.key === 'lora-unmerged',
    );
    return found === undefined ? null : { ...found.difference, p: found.p };
  };
  return PAPER_KEYS.flatMap((key) => {
    const { latency = null, size = null } = rows.find((row) => row.key === key) ?? {};
    const label = key === 'compressed' ? 'No repair' : toRegimeLook(key).label;
    const againstLora = { ttftMs: toChange(key, 'ttftMs'), perTokenMs: toChange(key, 'perTokenMs') };
    return latency === null ? [] : [{ id: key, label, regime: key, latency, againstLora, kernels: null, size }];
  });
}

export function toShapeRows(results: ShapeResults | null): readonly PhaseRow[] {
  if (results === null) return [];
  return results.rows.map(({ key, latency, againstLora, kernels }) => ({
    id: key,
    label: SHAPE_LABELS[key],
    regime: SHAPE_MARKS[key],
    latency: { ...latency, contextTokens: SHAPE_CONTEXT_TOKENS },
    againstLora: againstLora ?? UNPAIRED,
    kernels,
    size: toShapeSize(results.numLayers, key),
  }));
}

/** The row that ratios are to; null where it was not timed. */
export function findReference(rows: readonly PhaseRow[]): PhaseRow | null {
  return rows.find(({ id }) => id === 'lora-unmerged') ?? null;
}

/**
 * A time over that of the reference, such as `0.62× [0.58, 0.66]`, the median over rounds; of two medians, without an interval, where
 * a recording has no more; a dash where the two were not timed in turns.
 */
export function toRatio(row: PhaseRow, reference: PhaseRow | null, phase: TimePhase): string {
  const change = row.againstLora[phase];
  if (change !== null) return `${formatRatio(1 + change.value, 1)} ${formatRatios(toRatios(change))}`;
  const isPaired = reference !== null && row.latency.startedAt === reference.latency.startedAt;
  return formatRatio(row.latency[phase]?.value ?? null, isPaired ? (reference.latency[phase]?.value ?? null) : null);
}

/** What the ratios are, as captions say it; empty where there are none. */
export function toRatioText(rows: readonly PhaseRow[]): string {
  const reference = findReference(rows);
  const others = rows.filter((row) => row !== reference && toRatio(row, reference, 'ttftMs') !== UNKNOWN);
  if (others.length === 0) return '';
  return others.some(({ againstLora }) => againstLora.ttftMs !== null)
    ? '× is the median over rounds of the ratio to LoRA unmerged; brackets are 95\u00a0% intervals, rounds drawn with both times, and p is of the exact sign test; exploratory, unadjusted. '
    : '× is the ratio of two medians, without an interval: single runs, which pair by round, were not kept. ';
}

function toRatios({ value, low, high }: Pick<TimeChange, 'value' | 'low' | 'high'>) {
  return { value: 1 + value, low: 1 + low, high: 1 + high };
}

export const PHASE_COLUMNS = [
  'Regime',
  'First token',
  '95 % interval of it',
  'to LoRA unmerged, 95 % interval',
  'p, unadjusted',
  'Routing',
  '95 % interval of routing',
  'Prefill',
  '95 % interval of prefill',
  'Per further token',
  '95 % interval',
  'to LoRA unmerged, per token',
  'p per token, unadjusted',
  'Runs',
  'Held at run time',
  'Extra parameters',
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
        formatP(row.againstLora.ttftMs?.p ?? null),
        ...others.flat(),
        formatTimed(perTokenMs, tokenResolutionMs),
        formatTimedInterval(perTokenMs, tokenResolutionMs),
        toRatio(row, reference, 'perTokenMs'),
        formatP(row.againstLora.perTokenMs?.p ?? null),
        formatCount(ttftMs.n),
        formatBytes(row.size?.runtimeBytes ?? null),
        formatCount(row.size?.extraParameters ?? null),
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
      ...toRatioColumns('first token'),
      ...toRatioColumns('per further token'),
      { name: 'question', unit: 'tokens' },
      { name: 'new tokens' },
      { name: 'timer resolution', unit: 'ms' },
      { name: 'held at run time', unit: 'bytes' },
      { name: 'extra parameters' },
    ],
    rows: rows.map(({ id, latency, againstLora, kernels, size }) => [
      id,
      ...[latency.ttftMs, latency.routingMs, latency.prefillMs, latency.perTokenMs].flatMap(toEstimateCells),
      ...[kernels?.prefillMs ?? null, kernels?.perTokenMs ?? null].flatMap(toEstimateCells),
      kernels?.kernelsPerToken ?? null,
      ...toRatioCells(againstLora.ttftMs),
      ...toRatioCells(againstLora.perTokenMs),
      latency.contextTokens,
      latency.newTokens,
      latency.timerResolutionMs,
      size?.runtimeBytes ?? null,
      size?.extraParameters ?? null,
    ]),
  };
}

function toRatioColumns(name: string): readonly ExportColumn[] {
  const ratio = `${name} to LoRA unmerged`;
  return [{ name: ratio }, { name: `${ratio} low` }, { name: `${ratio} high` }, { name: `${ratio} p, unadjusted` }];
}

function toRatioCells(change: Change | null): readonly ExportCell[] {
  if (change === null) return [null, null, null, null];
  const { value, low, high } = toRatios(change);
  return [value, low, high, change.p];
}
