/** Longer than anything takes on a machine that does other work, shorter than a test may. */
const PATIENCE_MS = 15_000;

/** Lets other work of this thread go on until something holds; fails where that does not come about in time. */
export async function until(holds: () => boolean): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`It did not come about: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Lets everything that needs no outside event come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
