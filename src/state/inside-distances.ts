import { toWireError } from '../core/errors.ts';
import { isTooEarly } from '../core/eval/comparisons.ts';
import { type PackedDistances, subtractDistances } from '../core/inside/estimate-distances.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { type DistancePlan, type DistanceRow, type DistanceRows, runDistances, toDeviceMark } from './distance-run.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import { planItems, planUnits } from './evaluation-plan.ts';
import { type InsideMoment, readInsideContext, regimeOf } from './inside-context.ts';
import type { DistanceEstimates, DistanceResults, PairedDistances } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { createRunRedraw } from './redraw.ts';
import { toStoredDevice } from './result-book.ts';
import { throughReplacements } from './score-block.ts';

export interface InsideDistances {
  start(): void;
  stop(): void;
  refresh(moment: InsideMoment): void;
}

/** The chart of a run moves this often. */
const REFRESH_MS = 500;

/** What one device measured for one recipe. */
interface Measured {
  mark: string;
  source: DistanceResults['source'];
  rows: DistanceRows;
  /** The most questions that a run was begun with: nothing is decided of fewer, also when fewer are asked later. */
  presetItems: number;
}

/** A measured row with its question. */
interface FoundRow {
  id: string;
  subject: string;
  row: DistanceRow;
}

/** Distances, or differences of them, of a question about a subject. */
interface SubjectDistances {
  subject: string;
  distances: PackedDistances;
}

/** How far the shown regimes are from the dense model and from the variant without recovery, over questions that their repairs never saw. */
export function createInsideDistances(options: InsideOptions, stores: InsideStores): InsideDistances {
  const { engine, recipe, pack, board, turns, platform } = options;
  const store = stores.insideDistance;
  let running = new AbortController();
  let plan: DistancePlan | null = null;
  let measured: Measured | null = null;
  const redraw = createRunRedraw(drawOrSay, { now: platform.now, everyMs: REFRESH_MS });

  function toPlan(): DistancePlan | null {
    const { facts } = pack.store.getState();
    const context = readInsideContext(options);
    if (context === null || facts.status !== 'ready') return null;
    const { shown, textPrompt } = board.getState();
    return {
      items: planItems(facts.facts, facts.relations, ['A', 'B']).slice(0, stores.inside.getState().choice.items),
      units: planUnits(shown, context.recipe, context.manifest, textPrompt).filter(({ key }) => key !== 'dense'),
      compressed: regimeOf(context, 'compressed'),
    };
  }

  /** What this device has measured, kept while the recipe and the device stay. */
  function measuredBy(device: DeviceReport, { compressed, items }: DistancePlan): Measured {
    const mark = `${toDeviceMark(device)} ${compressed.id}`;
    if (measured?.mark !== mark) measured = { mark, source: toSource(device), rows: new Map(), presetItems: 0 };
    measured.presetItems = Math.max(measured.presetItems, items.length);
    return measured;
  }

  function toSource(device: DeviceReport): DistanceResults['source'] {
    return { kind: 'live', ...toStoredDevice(device), date: new Date(platform.now()).toISOString() };
  }

  function start(): void {
    running = turns.begin({
      show: (run) => store.setState({ run }),
      work: async (signal, onProgress) => {
        const whenReady = () => recipe.whenApplied(signal);
        await whenReady();
        const own = toPlan();
        if (own === null) return { status: 'idle' };
        plan = own;
        const { refused } = await throughReplacements(engine, signal, whenReady, (device) => {
          const { rows } = measuredBy(device, own);
          return runDistances({ ...own, engine, rows, onProgress, onRows: redraw.refreshOften, signal });
        });
        redraw.refresh();
        return refused === null ? { status: 'done', total: own.items.length } : { status: 'failed', error: refused };
      },
    });
    running.signal.addEventListener('abort', () => redraw.refresh());
  }

  async function drawOrSay(precision: Precision): Promise<void> {
    try {
      await draw(precision);
    } catch (error) {
      store.setState({ run: { status: 'failed', error: toWireError(error) } });
    }
  }

  async function draw(precision: Precision): Promise<void> {
    const [own, from] = [plan, measured];
    if (own === null || from === null) return;
    const estimate = (found: readonly SubjectDistances[]) =>
      platform.statistics.compute(
        'estimateDistances',
        found.map(({ subject }) => subject),
        found.map(({ distances }) => distances),
        { resamples: RESAMPLES[precision] },
      );
    const regimes: DistanceResults['regimes'][number][] = [];
    let n = 0;
    for (const key of REGIME_KEYS) {
      const rows = toRows(own, from.rows, key);
      if (rows.length === 0) continue;
      n = Math.max(n, rows.length);
      const pairs = key === 'compressed' ? [] : toPairs(own, from.rows, rows);
      const ofPairs = { presetItems: from.presetItems, isOneTwin: isOneTwin(own, key) };
      regimes.push({
        key,
        n: rows.length,
        toDense: await estimate(rows.map(({ subject, row }) => ({ subject, distances: row.toDense }))),
        toCompressed: await estimate(rows.map(({ subject, row }) => ({ subject, distances: row.toCompressed }))),
        minusCompressed: pairs.length === 0 ? null : toPaired(pairs, await estimate(pairs), ofPairs),
      });
    }
    // Of another recipe by now, or of another device.
    if (plan !== own || measured !== from || n === 0) return;
    store.setState({ results: { source: from.source, n, regimes } });
  }

  /** Results of regimes that are not those of the page any more are gone, and what measures them ends. */
  function refresh({ context }: InsideMoment): void {
    if (plan === null || context === null) return;
    const { textPrompt } = board.getState();
    const keys = plan.units.map(({ key }) => key);
    const now = new Set(planUnits(keys, context.recipe, context.manifest, textPrompt).map(({ regime }) => regime.id));
    if (plan.units.every(({ regime }) => now.has(regime.id))) return;
    plan = null;
    running.abort();
    store.setState({ run: { status: 'idle' }, results: null });
  }

  return { start, stop: () => running.abort(), refresh };
}

/** What was measured of a place on the board, by its twins, in the order of the plan. */
function toRows({ items, units }: DistancePlan, rows: DistanceRows, key: RegimeKey): FoundRow[] {
  const own = units.filter((unit) => unit.key === key).map(({ regime }) => rows.get(regime.id));
  return items.flatMap(({ id, fact }) => {
    const row = own.flatMap((known) => known?.get(id) ?? [])[0];
    return row === undefined ? [] : [{ id, subject: fact.subject, row }];
  });
}

/** The questions that the variant without recovery was asked too, each with how much farther from dense the regime is on it. */
function toPairs(plan: DistancePlan, known: DistanceRows, rows: readonly FoundRow[]): SubjectDistances[] {
  const others = new Map(toRows(plan, known, 'compressed').map(({ id, row }) => [id, row]));
  return rows.flatMap(({ id, subject, row }) => {
    const other = others.get(id);
    return other === undefined ? [] : [{ subject, distances: subtractDistances(row.toDense, other.toDense) }];
  });
}

function toPaired(
  pairs: readonly SubjectDistances[],
  layers: readonly DistanceEstimates[],
  { presetItems, isOneTwin }: { presetItems: number; isOneTwin: boolean },
): PairedDistances {
  const subjects = new Set(pairs.map(({ subject }) => subject)).size;
  return { n: pairs.length, subjects, layers, isEarly: isTooEarly(pairs.length, presetItems, [{ isOneTwin }]) };
}

/** Whether only one twin of a repair is there, so that it is asked half of the questions. */
function isOneTwin({ units }: DistancePlan, key: RegimeKey): boolean {
  const own = units.filter((unit) => unit.key === key);
  return own.length === 1 && own[0]?.fold !== null;
}
