import { AppError } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceChoice } from '../engine/protocol.ts';

/** The checkpoint as it is: prepared first on every device, so that its golden gate guards all the others. */
export const DENSE_REGIME: Regime = { id: 'dense', recipe: null, recovery: { kind: 'none' } };

/** Remembers across reloads that a start was under way, so that a tab that it crashed does not try again by itself. */
export interface CrashMark {
  set(choice: DeviceChoice): void;
  clear(): void;
}

/** Whether the worker or its device is gone and a fresh one is on its way. */
export function isLost(error: unknown): boolean {
  return (
    error instanceof AppError &&
    (error.code === 'device-lost' || error.code === 'worker-failed' || error.code === 'worker-timeout')
  );
}

export function isStopped(error: unknown): boolean {
  return (
    (error instanceof AppError && error.code === 'stopped') || (error instanceof Error && error.name === 'AbortError')
  );
}
