import { AppError } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceReport } from '../engine/protocol.ts';
import type { LiveEngine } from './engine-store.ts';
import type { PlannedItem } from './evaluation-plan.ts';
import type { Outcome } from './result-book.ts';

/**
 * Items of one request: enough that a pool's items fill rows behind each of its prompts (5 rows of 128 tokens at about 17 an item), few
 * enough that the live counts feel prompt (Stop is heard between rows); a software adapter takes half a second for one row. A long run
 * asks for more at once: of more items that are as long, more begin alike (17.2 tokens an item among 40, 15.3 among 400, of 20.5).
 */
const BLOCK = { software: 8, least: 40, most: 400, share: 0.1 };

/** How many items to ask a device for at once, of a run of so many. */
export function toBlockSize(items: number, device: DeviceReport): number {
  if (device.kind === 'webgpu' && device.adapter?.isSoftware === true) return BLOCK.software;
  return Math.min(BLOCK.most, Math.max(BLOCK.least, Math.floor(BLOCK.share * items)));
}

/** What a regime does with a block of items, by item id; throws `stopped` once the signal aborts. */
export async function scoreBlock(
  engine: LiveEngine,
  regime: Regime,
  planned: readonly PlannedItem[],
  { signal, withFidelity = false }: { signal: AbortSignal; withFidelity?: boolean },
): Promise<ReadonlyMap<string, Outcome>> {
  const items = planned.map(({ id, context, answer }) => ({ id, context, answer }));
  const scored = await engine.call('score', { regime, items, withFidelity }, { signal });
  if (signal.aborted) throw new AppError('stopped', 'Stopped.');
  return new Map(
    scored.map(({ id, isRight, logLikelihood, chosenPrompt, fidelity }) => [
      id,
      { isRight, logLikelihood, chosenPrompt, ...(fidelity === null ? {} : { fidelity }) },
    ]),
  );
}

/** A run meets at most this many new devices or workers; the engine gives up before. */
const MAX_REPLACEMENTS = 6;

/** Does the work on the device that is there, and again on each that replaces it. */
export async function throughReplacements<T>(
  engine: LiveEngine,
  signal: AbortSignal,
  whenReady: () => Promise<unknown>,
  work: (device: DeviceReport) => Promise<T>,
): Promise<T> {
  for (let replacements = 0; ; replacements++) {
    await whenReady();
    try {
      const { engine: phase } = engine.store.getState();
      if (phase.status !== 'ready') throw new AppError('stopped', 'The device is being replaced.');
      return await work(phase.device);
    } catch (error) {
      if (signal.aborted || !isReplacing(engine) || replacements === MAX_REPLACEMENTS) throw error;
    }
  }
}

/** Whether another worker or device is being made ready. */
export function isReplacing(engine: LiveEngine): boolean {
  const { status } = engine.store.getState().engine;
  return status === 'restarting' || status === 'loading';
}
