/** About 2 ms on a fast core: above a coarse timer of 0.1 ms by far, and little beside a run. */
const STEPS = 1 << 21;

/** What the loop makes; kept, so that no compiler may leave the loop out. */
let state = 1;

/** Milliseconds that a fixed piece of work takes in this thread: longer than before where the processor was slowed down or has other work. */
export function measureFixedLoopMs(): number {
  const startedAt = performance.now();
  let value = state;
  // Each step needs the one before it (the generator of Numerical Recipes), so nothing runs ahead.
  for (let i = 0; i < STEPS; i++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) | 0;
  state = value;
  return performance.now() - startedAt;
}
