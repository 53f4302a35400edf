import type { DeviceKind } from '../engine/protocol.ts';

/** A device that fails more often than this in the window will not get better by trying again. */
const MAX_RESTARTS = 2;
const WINDOW_MS = 5 * 60_000;

export type RestartDecision = { action: 'restart'; attempt: number } | { action: 'fall-back' } | { action: 'give-up' };

/** What follows a lost device or worker; `restartsMs` are the times of the restarts on this device so far. */
export function decideRestart(restartsMs: readonly number[], nowMs: number, kind: DeviceKind): RestartDecision {
  const recent = restartsMs.filter((time) => nowMs - time < WINDOW_MS).length;
  if (recent < MAX_RESTARTS) return { action: 'restart', attempt: recent + 1 };
  return { action: kind === 'webgpu' ? 'fall-back' : 'give-up' };
}
