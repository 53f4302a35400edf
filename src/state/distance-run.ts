import { AppError, toWireError, type WireError } from '../core/errors.ts';
import { type PackedDistances, packDistances } from '../core/inside/estimate-distances.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { DENSE_REGIME } from './engine-faults.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedItem, PlannedUnit } from './evaluation-plan.ts';
import type { Progress } from './run-turns.ts';
import { isReplacing } from './score-block.ts';

/** How far one regime is on one question. */
export interface DistanceRow {
  toDense: PackedDistances;
  toCompressed: PackedDistances;
}

/** What was measured, by regime and item id. */
export type DistanceRows = Map<string, Map<string, DistanceRow>>;

export interface DistancePlan {
  items: readonly PlannedItem[];
  /** Without the dense model. */
  units: readonly PlannedUnit[];
  /** The variant without recovery. */
  compressed: Regime;
}

export interface DistanceRunOptions extends DistancePlan {
  engine: LiveEngine;
  rows: DistanceRows;
  onProgress: (progress: Progress) => void;
  /** Told after every block. */
  onRows: () => void;
  signal: AbortSignal;
}

/** Questions of one request: few enough that Stop and the chart feel prompt. */
const BLOCK = 8;

/**
 * Measures every item in every regime that has not got it yet, each by the twin that never saw its fact. A regime that the device gets wrong
 * (golden gate) is left out, and its error returned at the end.
 */
export async function runDistances(options: DistanceRunOptions): Promise<{ refused: WireError | null }> {
  const { engine, items, units, compressed, rows, onProgress, onRows, signal } = options;
  let refused: WireError | null = null;
  const left = new Set(units);
  await engine.prepare(DENSE_REGIME, signal);
  await engine.prepare(compressed, signal);
  let done = 0;
  for (const block of toBlocks(items)) {
    const lacking: PlannedUnit[] = [];
    for (const unit of left) {
      if (!isHeldOut(unit, block) || block.every(({ id }) => rows.get(unit.regime.id)?.has(id))) continue;
      onProgress({ done, total: items.length, nowKey: unit.key });
      const error = await prepare(engine, unit, signal);
      if (error === null) lacking.push(unit);
      else {
        left.delete(unit);
        refused = error;
      }
    }
    if (lacking.length > 0) await measureBlock(options, lacking, block);
    done += block.length;
    onProgress({ done, total: items.length, nowKey: lacking[0]?.key ?? 'compressed' });
    onRows();
  }
  return { refused };
}

/** Why a regime's figures cannot be trusted on this device; null where they can. */
async function prepare(engine: LiveEngine, { regime }: PlannedUnit, signal: AbortSignal): Promise<WireError | null> {
  try {
    await engine.prepare(regime, signal);
    return null;
  } catch (error) {
    const isWrong = error instanceof AppError && error.code === 'golden-mismatch' && !isReplacing(engine);
    if (isWrong) return toWireError(error);
    throw error;
  }
}

async function measureBlock(
  { engine, compressed, rows, signal }: DistanceRunOptions,
  units: readonly PlannedUnit[],
  block: readonly PlannedItem[],
): Promise<void> {
  const found = await engine.call(
    'measureDistances',
    {
      regimes: units.map(({ regime }) => regime),
      dense: DENSE_REGIME,
      compressed,
      items: block.map(({ id, context, answer }) => ({ id, context, answer })),
    },
    { signal },
  );
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  for (const { id, regimes } of found) {
    for (const [i, { toDense, toCompressed }] of regimes.entries()) {
      const regimeId = units[i]?.regime.id;
      if (regimeId === undefined) continue;
      const own = rows.get(regimeId) ?? new Map<string, DistanceRow>();
      rows.set(regimeId, own.set(id, { toDense: packDistances(toDense), toCompressed: packDistances(toCompressed) }));
    }
  }
}

/** Blocks of items of one fold each, as each fold has twins of its own; folds take turns. */
function toBlocks(items: readonly PlannedItem[]): PlannedItem[][] {
  const blocks: PlannedItem[][] = [];
  for (let start = 0; start < items.length; start += 2 * BLOCK) {
    const both = items.slice(start, start + 2 * BLOCK);
    for (const fold of ['A', 'B']) blocks.push(both.filter(({ fact }) => fact.fold === fold));
  }
  return blocks.filter(({ length }) => length > 0);
}

/** Whether a regime's repair, if it has one, never saw the facts of a block. */
function isHeldOut({ fold }: PlannedUnit, block: readonly PlannedItem[]): boolean {
  return fold === null || block.every(({ fact }) => fact.fold !== fold);
}

/** Differs where figures of two devices may not stand in one mean. */
export function toDeviceMark({ kind, adapter, runtime }: DeviceReport): string {
  return JSON.stringify([kind, adapter, runtime]);
}
