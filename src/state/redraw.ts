/** A way to ask for a drawing: made at once where none goes on, else once more after it, so that none overlap and the last wish is never lost. */
export function createRedraw(draw: () => Promise<void>): () => void {
  let phase: 'idle' | 'drawing' | 'stale' = 'idle';

  async function drawUntilFresh(): Promise<void> {
    do {
      phase = 'drawing';
      await draw();
    } while (isStale());
    phase = 'idle';
  }

  const isStale = () => phase === 'stale';

  return () => {
    const isDrawing = phase !== 'idle';
    phase = isDrawing ? 'stale' : 'drawing';
    if (!isDrawing) void drawUntilFresh();
  };
}
