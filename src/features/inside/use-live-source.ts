import { useMemo, useState } from 'react';
import { useEngineStore } from '../../state/hooks.ts';
import { toLiveSource } from '../../state/live-source.ts';
import type { ResultSource } from '../../state/results.ts';

/** What is looked into runs here and now: the device of this visit and the day; null while no model runs. */
export function useLiveSource(): ResultSource | null {
  const engine = useEngineStore((state) => (state.engine.status === 'ready' ? state.engine : null));
  const [date] = useState(() => new Date().toISOString());
  return useMemo(() => engine && toLiveSource(engine, date), [engine, date]);
}
