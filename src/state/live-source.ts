import type { EnginePhase } from './engine-state.ts';
import { toStoredDevice } from './result-book.ts';
import type { ResultSource } from './results.ts';

/** The device that runs here and now, as figures name it; null while no model runs. `date` as ISO 8601. */
export function toLiveSource(engine: EnginePhase, date: string): ResultSource | null {
  return engine.status === 'ready' ? { ...toStoredDevice(engine.device), kind: 'live', date } : null;
}
