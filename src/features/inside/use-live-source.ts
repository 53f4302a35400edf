import { useMemo, useState } from 'react';
import { useEngineStore } from '../../state/hooks.ts';
import { toStoredDevice } from '../../state/result-book.ts';
import type { ResultSource } from '../../state/results.ts';

/** What is looked into runs here and now: the device of this visit and the day; null while no model runs. */
export function useLiveSource(): ResultSource | null {
  const device = useEngineStore(({ engine }) => (engine.status === 'ready' ? engine.device : null));
  const [date] = useState(() => new Date().toISOString());
  return useMemo(() => (device === null ? null : { ...toStoredDevice(device), kind: 'live', date }), [device, date]);
}
