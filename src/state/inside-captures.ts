import type { StoreApi } from 'zustand/vanilla';
import type { Capture, Tap } from '../core/inside/capture.ts';
import type { Regime, RegimeKey } from '../core/recover/regime.ts';
import { type InsideContext, type InsideMoment, readInsideContext, regimeOf } from './inside-context.ts';
import {
  type InsideChoice,
  type InsideState,
  type InsideView,
  type KeptLook,
  type Looked,
  POOL_KEYS,
} from './inside-state.ts';
import type { InsideOptions } from './inside-stores.ts';
import { createLookQueue, createWatchers, isSameLooked, type LookRequest, orBlocked } from './look-queue.ts';

/** Captures that a return to an earlier question or recipe finds again; each may have a MB. */
const MAX_CAPTURES = 24;

/** So long nobody must type: a question that is being written is not asked letter by letter. */
const REST_MS = 250;

/** What the views are drawn of; the others look by themselves. */
const NEEDS: Partial<
  Record<
    InsideView,
    { taps: readonly Tap[]; toKeys: (choice: InsideChoice, shown: readonly RegimeKey[]) => readonly RegimeKey[] }
  >
> = {
  attention: { taps: ['attention'], toKeys: ({ left, right }) => [left, right] },
  lens: { taps: ['lens'], toKeys: (_, shown) => shown },
  // What a question pays to a pool's prompts needs no answer of theirs.
  routing: { taps: [], toKeys: () => POOL_KEYS },
};

export interface InsideCaptures {
  watch(): () => void;
  refresh(moment: InsideMoment): void;
  kept(): readonly KeptLook<Capture>[];
}

/** The same text for the same capture. */
function toKey({ name }: InsideContext, { id }: Regime, taps: readonly Tap[]): string {
  return JSON.stringify([name, id, taps]);
}

/** Captures of the board's question in the regimes that the open view needs, one after the other while anybody watches. */
export function createInsideCaptures(
  options: InsideOptions,
  store: StoreApi<InsideState>,
  onChange: () => void,
): InsideCaptures {
  const { engine, board, platform } = options;
  const queue = createLookQueue<Capture>({ engine, limit: MAX_CAPTURES, onChange });
  const { watch, isWatched } = createWatchers(queue.forgetFailures, onChange);
  let rested = '';

  function toRequests(context: InsideContext): [RegimeKey, LookRequest<Capture>][] {
    const { choice } = store.getState();
    const needs = NEEDS[choice.view];
    const { question, regimes } = context;
    if (needs === undefined || question === null) return [];
    const keys = new Set(needs.toKeys(choice, board.getState().shown).filter((key) => regimes.has(key)));
    return [...keys].map((key) => {
      const regime = regimeOf(context, key);
      const run = async (signal: AbortSignal) => {
        if (rested !== context.name) await platform.wait(REST_MS, signal);
        signal.throwIfAborted();
        rested = context.name;
        await engine.prepare(regime, signal);
        const { context: text, answer } = question;
        return engine.call('inspect', { regime, context: text, answer, taps: needs.taps }, { signal });
      };
      return [key, { key: toKey(context, regime, needs.taps), run }];
    });
  }

  function refresh({ context, block }: InsideMoment): void {
    const requests = context === null ? [] : toRequests(context);
    queue.want(isWatched() ? requests.map(([, request]) => request) : [], isWatched() && block === null);
    const captures = new Map(
      requests.map(([key, request]): [RegimeKey, Looked<Capture>] => {
        return [key, orBlocked(queue.at(request.key), block)];
      }),
    );
    const question = context?.question ?? null;
    const before = store.getState();
    const next: Partial<InsideState> = {
      question: isAlike(question, before.question) ? before.question : question,
      waitsFor: question === null ? 'question' : (block?.waitsFor ?? null),
      offered: keep(before.offered, [...(context?.regimes.keys() ?? [])]),
      transferred: keep(before.transferred, context?.transferred ?? []),
      seen: keep(before.seen, context?.seen ?? []),
      captures: isSameMap(captures, before.captures) ? before.captures : captures,
    };
    const isMoved = Object.entries(next).some(([name, value]) => before[name as keyof InsideState] !== value);
    if (isMoved) store.setState(next);
  }

  function kept(): readonly KeptLook<Capture>[] {
    const context = readInsideContext(options);
    if (context === null) return [];
    return Object.values(NEEDS).flatMap(({ taps }) =>
      [...context.regimes].flatMap(([key, regime]) => {
        const looked = queue.at(toKey(context, regime, taps));
        return looked.status === 'ready' ? [{ key, of: looked.of }] : [];
      }),
    );
  }

  return { refresh, watch, kept };
}

function isAlike(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The list of before where the new one has the same entries. */
function keep<T>(before: readonly T[], now: readonly T[]): readonly T[] {
  return now.length === before.length && now.every((each, i) => each === before[i]) ? before : now;
}

function isSameMap<T>(one: ReadonlyMap<RegimeKey, Looked<T>>, other: ReadonlyMap<RegimeKey, Looked<T>>): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([key, looked]) => isSameLooked(looked, other.get(key)));
}
