import { startTransition, useEffect, useState } from 'react';

/** The browser has been too busy to be idle for this long: what waits for it starts all the same. */
const LATEST_MS = 3000;

const waiting = new Set<() => Promise<unknown>>();
let isAsked = false;

/**
 * False at first paint; true once the browser has nothing better to do. What waits takes turns, so that no two charts are made in one task;
 * a turn ends when `prepare` has, which fetches what will be drawn and must stay the same.
 */
export function useIsIdle(prepare?: () => Promise<unknown>): boolean {
  const [isIdle, setIsIdle] = useState(false);
  useEffect(() => {
    const start = async () => {
      // What cannot be fetched fails where it is drawn.
      await prepare?.().catch(() => undefined);
      startTransition(() => setIsIdle(true));
    };
    waiting.add(start);
    waitForTurn();
    return () => {
      waiting.delete(start);
    };
  }, [prepare]);
  return isIdle;
}

function waitForTurn(): void {
  if (isAsked || waiting.size === 0) return;
  isAsked = true;
  whenIdle(async () => {
    const [start] = waiting;
    if (start !== undefined) {
      waiting.delete(start);
      await start();
    }
    isAsked = false;
    waitForTurn();
  });
}

function whenIdle(callBack: () => Promise<void>): void {
  // Safari has no idle callbacks: https://caniuse.com/requestidlecallback
  if (typeof requestIdleCallback === 'undefined') setTimeout(callBack, 200);
  else requestIdleCallback(callBack, { timeout: LATEST_MS });
}
