import { AppError, toWireError } from '../core/errors.ts';
import type { PoolOutcome } from '../core/inside/capture.ts';
import type { StudiedQuestion } from '../core/inside/pool-study.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import { toDeviceMark } from './distance-run.ts';
import { type Precision, RESAMPLES } from './estimates.ts';
import { type PlannedItem, type PlannedUnit, planItems, planUnits } from './evaluation-plan.ts';
import { type InsideContext, type InsideMoment, readInsideContext } from './inside-context.ts';
import type { PoolKey, PoolStudy } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { createRunRedraw } from './redraw.ts';
import { toStoredDevice } from './result-book.ts';
import type { Progress } from './run-turns.ts';
import { throughReplacements } from './score-block.ts';

/** Questions of one request; each is asked behind every prompt. */
const BLOCK = 8;

/** As on the board: above every answer of the world. */
const MAX_NEW_TOKENS = 24;

/** The figures of a run move this often. */
const REFRESH_MS = 500;

interface StudyPlan {
  pool: PoolKey;
  items: readonly PlannedItem[];
  /** The twins of the pool. */
  units: readonly PlannedUnit[];
  /** Questions that there are to ask them. */
  availableItems: number;
}

/** What one device answered. */
interface Answered {
  mark: string;
  source: PoolStudy['source'];
  /** By pool's regime and item id. */
  outcomes: Map<string, Map<string, PoolOutcome>>;
  /** By pool, the most questions that a run was begun with: its tests wait for them, also when fewer are asked later. */
  presets: Map<PoolKey, number>;
}

export interface PoolStudies {
  start(): void;
  stop(): void;
  refresh(moment: InsideMoment): void;
}

/** Asks every prompt of a pool a set of questions, each of them the twin that never saw its fact, and tells how rules of choice fare. */
export function createPoolStudies(options: InsideOptions, stores: InsideStores): PoolStudies {
  const { engine, recipe, pack, turns, platform } = options;
  const store = stores.insideRouting;
  let running = new AbortController();
  let plan: StudyPlan | null = null;
  let answered: Answered | null = null;
  const redraw = createRunRedraw(drawOrSay, { now: platform.now, everyMs: REFRESH_MS });

  function toUnits(context: InsideContext | null, pool: PoolKey): PlannedUnit[] {
    if (context === null) return [];
    return planUnits([pool], context.recipe, context.manifest, '').filter(({ key }) => key === pool);
  }

  function toPlan(): StudyPlan | null {
    const { facts } = pack.store.getState();
    const { pool, items: n } = stores.inside.getState().choice;
    const units = toUnits(readInsideContext(options), pool);
    if (facts.status !== 'ready' || units.length === 0) return null;
    const all = planItems(facts.facts, facts.relations, ['A', 'B']);
    // Where a pool has one twin, only the other fold's facts are held out.
    const heldOut = all.filter((item) => units.some((unit) => isHeldOut(unit, item)));
    return { pool, items: heldOut.slice(0, n), units, availableItems: heldOut.length };
  }

  function answeredBy(device: DeviceReport): Answered {
    const mark = toDeviceMark(device);
    if (answered?.mark !== mark) {
      const date = new Date(platform.now()).toISOString();
      const source = { kind: 'live', ...toStoredDevice(device), date } as const;
      answered = { mark, source, outcomes: new Map(), presets: new Map() };
    }
    return answered;
  }

  async function ask(
    { items, units, pool }: StudyPlan,
    { outcomes, presets }: Answered,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<void> {
    presets.set(pool, Math.max(items.length, presets.get(pool) ?? 0));
    let done = 0;
    for (let start = 0; start < items.length; start += 2 * BLOCK) {
      for (const unit of units) {
        const block = items.slice(start, start + 2 * BLOCK).filter((item) => isHeldOut(unit, item));
        const own = outcomes.get(unit.regime.id) ?? new Map<string, PoolOutcome>();
        outcomes.set(unit.regime.id, own);
        const missing = block.filter(({ id }) => !own.has(id));
        onProgress({ done, total: items.length, nowKey: pool });
        for (const outcome of await askBlock(unit, missing, signal)) own.set(outcome.id, outcome);
        done += block.length;
        redraw.refreshOften();
      }
    }
  }

  async function askBlock(
    { regime }: PlannedUnit,
    missing: readonly PlannedItem[],
    signal: AbortSignal,
  ): Promise<readonly PoolOutcome[]> {
    if (missing.length === 0) return [];
    await engine.prepare(regime, signal);
    const items = missing.map(({ id, context, answer }) => ({ id, context, answer }));
    const found = await engine.call('askPool', { regime, items, maxNewTokens: MAX_NEW_TOKENS }, { signal });
    if (signal.aborted) throw new AppError('stopped', 'Stopped.');
    return found;
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
        await throughReplacements(engine, signal, whenReady, (device) =>
          ask(own, answeredBy(device), signal, onProgress),
        );
        redraw.refresh();
        return { status: 'done', total: own.items.length };
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
    const [own, from] = [plan, answered];
    if (own === null || from === null) return;
    const questions = toQuestions(own, from);
    const presetItems = Math.max(own.items.length, from.presets.get(own.pool) ?? 0);
    const options = { resamples: RESAMPLES[precision], presetQuestions: presetItems };
    const figures = await platform.statistics.compute('studyPool', questions, options);
    // Of another recipe, pool or device by now.
    if (plan !== own || answered !== from || figures === null) return;
    const { source } = from;
    store.setState({ study: { source, pool: own.pool, presetItems, availableItems: own.availableItems, ...figures } });
  }

  /** A study of pools that are not those of the page any more is gone, and what makes it ends. */
  function refresh({ context }: InsideMoment): void {
    if (plan === null || context === null) return;
    const now = new Set(toUnits(context, plan.pool).map(({ regime }) => regime.id));
    const isSameRecipe = plan.units.every(({ regime }) => now.has(regime.id));
    if (isSameRecipe && stores.inside.getState().choice.pool === plan.pool) return;
    plan = null;
    if (!isSameRecipe) answered = null;
    running.abort();
    store.setState({ run: { status: 'idle' }, study: null });
  }

  return { start, stop: () => running.abort(), refresh };
}

/** What was answered of a plan, in its order. */
function toQuestions({ items, units }: StudyPlan, { outcomes }: Answered): StudiedQuestion[] {
  return items.flatMap((item) => {
    const unit = units.find((each) => isHeldOut(each, item));
    const outcome = unit && outcomes.get(unit.regime.id)?.get(item.id);
    const { subject, domain, relation } = item.fact;
    return unit === undefined || outcome === undefined
      ? []
      : [{ outcome, pool: unit.regime.id, subject, domain, relation }];
  });
}

/** Whether a pool never saw the fact of an item. */
function isHeldOut({ fold }: PlannedUnit, { fact }: PlannedItem): boolean {
  return fact.fold !== fold;
}
