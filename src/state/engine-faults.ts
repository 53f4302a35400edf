import { AppError, toAppError } from '../core/errors.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { DeviceChoice, DeviceReport } from '../engine/protocol.ts';
import type { EnginePhase } from './engine-state.ts';

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

/** What runs the model; null while it is made ready. Throws why where it cannot come about. */
export function deviceOf(phase: EnginePhase): DeviceReport | null {
  switch (phase.status) {
    case 'ready':
      return phase.device;
    case 'failed':
      throw toAppError(phase.error);
    case 'off':
      throw new AppError('input-invalid', 'The model is not running yet. Press "Run live" to load it.');
    case 'loading':
    case 'restarting':
      return null;
    default:
      return phase satisfies never;
  }
}
