import { toWireError } from '../core/errors.ts';
import { REGIME_KEYS, type RegimeKey } from '../core/recover/regime.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { type DistancePlan, type DistanceRow, type DistanceRows, runDistances, toDeviceMark } from './distance-run.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import { planItems, planUnits } from './evaluation-plan.ts';
import { type InsideMoment, readInsideContext, regimeOf } from './inside-context.ts';
import type { DistanceResults } from './inside-state.ts';
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
  function measuredBy(device: DeviceReport, { compressed }: DistancePlan): Measured {
    const mark = `${toDeviceMark(device)} ${compressed.id}`;
    if (measured?.mark !== mark) measured = { mark, source: toSource(device), rows: new Map() };
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
    const regimes: DistanceResults['regimes'][number][] = [];
    let n = 0;
    for (const key of REGIME_KEYS) {
      const { subjects, rows } = toRows(own, from.rows, key);
      if (rows.length === 0) continue;
      n = Math.max(n, rows.length);
      const estimate = (of: keyof DistanceRow) =>
        platform.statistics.compute(
          'estimateDistances',
          subjects,
          rows.map((row) => row[of]),
          { resamples: RESAMPLES[precision] },
        );
      regimes.push({
        key,
        n: rows.length,
        toDense: await estimate('toDense'),
        toCompressed: await estimate('toCompressed'),
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
function toRows({ items, units }: DistancePlan, rows: DistanceRows, key: RegimeKey) {
  const own = units.filter((unit) => unit.key === key).map(({ regime }) => rows.get(regime.id));
  const found = items.flatMap(({ id, fact }) => {
    const row = own.flatMap((known) => known?.get(id) ?? [])[0];
    return row === undefined ? [] : [{ subject: fact.subject, row }];
  });
  return { subjects: found.map(({ subject }) => subject), rows: found.map(({ row }) => row) };
}
