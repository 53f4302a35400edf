import { AppError, type WireError } from '../core/errors.ts';
import type { PoolOutcome } from '../core/inside/capture.ts';
import { type InsideBlock, type InsideContext, type InsideMoment, readInsideContext } from './inside-context.ts';
import { type Looked, POOL_KEYS, type PoolKey } from './inside-state.ts';
import type { InsideOptions, InsideStores } from './inside-stores.ts';
import { createLookQueue, isSameLooked, type LookRequest, orBlocked, WAITING } from './look-queue.ts';
import { createPoolStudies } from './pool-studies.ts';

/** Outcomes that a return to an earlier question finds again. */
const MAX_OUTCOMES = 50;

/** As on the board: above every answer of the world. */
const MAX_NEW_TOKENS = 24;

const NOT_RUNNING: WireError = {
  code: 'input-invalid',
  message: 'The model is not running yet. Press "Run live" to load it.',
  details: {},
};

export interface InsideRouting {
  ask(): void;
  stopAsking(): void;
  startStudy(): void;
  stop(): void;
  refresh(moment: InsideMoment): void;
}

/** What the prompts of the recipe's pools say: to the board's question once it is asked for, and over a set of questions. */
export function createInsideRouting(options: InsideOptions, stores: InsideStores, onChange: () => void): InsideRouting {
  const { engine } = options;
  const store = stores.insideRouting;
  const queue = createLookQueue<PoolOutcome>({ engine, limit: MAX_OUTCOMES, onChange });
  const studies = createPoolStudies(options, stores);
  /** What the pools were asked: their regimes and the question, whatever the device. */
  let askedMark: string | null = null;

  function toMark({ question, regimes }: InsideContext): string {
    return JSON.stringify([question, POOL_KEYS.map((key) => regimes.get(key)?.id)]);
  }

  function toRequests({ question, regimes, name }: InsideContext): [PoolKey, LookRequest<PoolOutcome>][] {
    if (question === null) return [];
    const item = { id: 'question', context: question.context, answer: question.answer };
    return POOL_KEYS.flatMap((key): [PoolKey, LookRequest<PoolOutcome>][] => {
      const regime = regimes.get(key);
      if (regime === undefined) return [];
      const run: LookRequest<PoolOutcome>['run'] = async (signal, onEvent) => {
        await engine.prepare(regime, signal);
        const input = { regime, items: [item], maxNewTokens: MAX_NEW_TOKENS };
        const [outcome] = await engine.call('askPool', input, { signal, onEvent });
        if (outcome === undefined) throw new AppError('internal', 'The pool was asked and gave no answer.');
        return outcome;
      };
      return [[key, { key: JSON.stringify([name, regime.id]), run }]];
    });
  }

  /** What was asked for waits for the engine, unless nobody has started that. */
  function toShown(looked: Looked<PoolOutcome>, block: InsideBlock | null): Looked<PoolOutcome> {
    const shown = orBlocked(looked, block);
    if (shown.status !== 'none') return shown;
    return engine.store.getState().engine.status === 'off' ? { status: 'failed', error: NOT_RUNNING } : WAITING;
  }

  function refresh(moment: InsideMoment): void {
    studies.refresh(moment);
    const { context, block } = moment;
    if (askedMark !== null && (context === null || toMark(context) !== askedMark)) askedMark = null;
    const requests = context === null ? [] : toRequests(context);
    const isAsked = askedMark !== null;
    queue.want(isAsked ? requests.map(([, request]) => request) : [], isAsked && block === null);
    const before = store.getState().asked;
    const asked = new Map<PoolKey, Looked<PoolOutcome>>();
    for (const [key, request] of requests) {
      const looked = isAsked ? toShown(queue.at(request.key), block) : queue.at(request.key);
      if (looked.status !== 'none') asked.set(key, looked);
    }
    const isSame = asked.size === before.size && [...asked].every(([key, each]) => isSameLooked(each, before.get(key)));
    if (!isSame) store.setState({ asked });
  }

  return {
    refresh,
    ask: () => {
      queue.forgetFailures();
      const context = readInsideContext(options);
      askedMark = context && toMark(context);
      onChange();
    },
    stopAsking: () => {
      askedMark = null;
      onChange();
    },
    startStudy: studies.start,
    stop: studies.stop,
  };
}
