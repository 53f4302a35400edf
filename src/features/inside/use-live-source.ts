import { useMemo, useState } from 'react';
import type { EnginePhase } from '../../state/engine-state.ts';
import { useEngineStore } from '../../state/hooks.ts';
import { toStoredDevice } from '../../state/result-book.ts';
import type { ResultSource } from '../../state/results.ts';

type RunningEngine = Extract<EnginePhase, { status: 'ready' }>;

/** What is looked into runs here and now: the device of this visit and the day; null while no model runs. */
export function useLiveSource(): ResultSource | null {
  const engine = useEngineStore((state) => toRunning(state.engine));
  const [date] = useState(() => new Date().toISOString());
  return useMemo(() => toLiveSource(engine, date), [engine, date]);
}

/** The same outside of a component; `date` as ISO 8601. */
export function toLiveSource(engine: RunningEngine | null, date: string): ResultSource | null {
  return engine && { ...toStoredDevice(engine.device), kind: 'live', date };
}

/** Null while the model does not run. */
export function toRunning(engine: EnginePhase): RunningEngine | null {
  return engine.status === 'ready' ? engine : null;
}
