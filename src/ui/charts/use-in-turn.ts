import { startTransition, useEffect, useState } from 'react';

const waiting = new Set<() => void>();
let current: (() => void) | null = null;

/**
 * The value to draw: the last one that its turn came for. Those that change together take turns, one drawing each, because the chart
 * library draws a chart in one task however React slices the rest.
 */
export function useInTurn<T>(value: T): T {
  const [drawn, setDrawn] = useState(value);
  useEffect(() => {
    if (Object.is(drawn, value)) return;
    // `value` may be a function, which a setter would call.
    return takeTurn(() => startTransition(() => setDrawn(() => value)));
  }, [value, drawn]);
  return drawn;
}

/** False when first drawn, true once its turn came: for the second part of what would be too long a task at once. */
export function useOwnTurn(): boolean {
  const [hasCome, setHasCome] = useState(false);
  useEffect(() => takeTurn(() => startTransition(() => setHasCome(true))), []);
  return hasCome;
}

/** Runs `start` in a task of its own when those before have ended theirs; what it returns ends this one, begun or not. */
function takeTurn(start: () => void): () => void {
  waiting.add(start);
  beginNext();
  return () => {
    waiting.delete(start);
    if (current !== start) return;
    current = null;
    beginNext();
  };
}

function beginNext(): void {
  const [next] = waiting;
  if (current !== null || next === undefined) return;
  waiting.delete(next);
  current = next;
  setTimeout(() => {
    if (current === next) next();
  });
}
