import { useEffect, useMemo } from 'react';
import {
  useComparisonsStore,
  useEvaluateStore,
  usePackStore,
  useShareStore,
  useSweepStore,
  useTaskStore,
  useTransferStore,
} from '../../state/hooks.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { toTables } from './tables.ts';

/** Every figure of the page as tables, whatever is in sight. */
export function useAllTables(): { pack: string; tables: readonly FigureExport[] } {
  const pack = usePackStore((state) => (state.pack.status === 'ready' ? state.pack.manifest.id : 'pack'));
  const recorded = usePackStore((state) => state.recorded);
  const live = useEvaluateStore((state) => state.live);
  const imported = useShareStore((state) => state.imported);
  const recordedSweep = useSweepStore((state) => state.recorded);
  const liveSweep = useSweepStore((state) => state.live);
  const recordedTransfer = useTransferStore((state) => state.recorded);
  const liveTransfer = useTransferStore((state) => state.live);
  const loadTransfer = useTransferStore((state) => state.load);
  const recordedComparisons = useComparisonsStore((state) => state.recorded);
  const liveComparisons = useComparisonsStore((state) => state.live);
  const task = useTaskStore((state) => state.live);
  useEffect(() => void loadTransfer(), [loadTransfer]);
  const tables = useMemo(
    () =>
      toTables({
        pack,
        sets: [
          ...(recorded.status === 'ready' ? recorded.sets : []),
          ...(live === null ? [] : [live]),
          ...imported.map(({ results }) => results),
        ],
        sweeps: [recordedSweep, liveSweep].filter((sweep) => sweep !== null),
        transfer: { recorded: recordedTransfer, live: liveTransfer },
        comparisons: [recordedComparisons, liveComparisons].flatMap((phase) =>
          phase.status === 'ready' ? [phase.of] : [],
        ),
        tasks: task === null ? [] : [task],
      }),
    [
      pack,
      recorded,
      live,
      imported,
      recordedSweep,
      liveSweep,
      recordedTransfer,
      liveTransfer,
      recordedComparisons,
      liveComparisons,
      task,
    ],
  );
  return { pack, tables };
}
