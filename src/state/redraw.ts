import type { Precision } from './estimates.ts';
import type { Platform } from './platform.ts';

/**
 * A way to ask for a drawing: made at once where none goes on, else once more after it, so that none overlap and the last wish is never
 * lost, not even where a drawing fails.
 */
export function createRedraw(draw: () => Promise<void>): () => void {
  let phase: 'idle' | 'drawing' | 'stale' = 'idle';

  async function drawUntilFresh(): Promise<void> {
    try {
      await draw();
    } finally {
      const isStale = phase === 'stale';
      phase = 'idle';
      if (isStale) redraw();
    }
  }

  function redraw(): void {
    const isDrawing = phase !== 'idle';
    phase = isDrawing ? 'stale' : 'drawing';
    if (!isDrawing) void drawUntilFresh();
  }

  return redraw;
}

/** Drawings of answers that a run is adding to. */
export interface RunRedraw {
  /** Draws once more, finely unless `live` is asked for. */
  refresh(precision?: Precision): void;
  /** Told after every block of a run: draws roughly, a few times a second, and for a fifth of the time at most. */
  refreshOften(): void;
}

/** Drawings that may come every `everyMs` while a run goes on; a fine one that was asked for is never made roughly. */
export function createRunRedraw(
  drawNow: (precision: Precision) => Promise<void>,
  { now, everyMs }: Pick<Platform, 'now'> & { everyMs: number },
): RunRedraw {
  let wanted: Precision = 'live';
  let drawnMs = 0;
  let costMs = 0;

  const redraw = createRedraw(async () => {
    const startedMs = now();
    const precision = wanted;
    wanted = 'live';
    try {
      await drawNow(precision);
    } finally {
      drawnMs = now();
      costMs = drawnMs - startedMs;
    }
  });

  function refresh(precision: Precision = 'final'): void {
    if (precision === 'final') wanted = 'final';
    redraw();
  }

  return {
    refresh,
    refreshOften: () => {
      if (now() - drawnMs >= Math.max(everyMs, 4 * costMs)) refresh('live');
    },
  };
}
