import type { FindingsPhase } from '../../state/fates-state.ts';
import { useFatesStore } from '../../state/hooks.ts';

/** What the fates of facts are told by: what was recorded, or what this device has asked, never both at once. */
export function useFindings(): { phase: FindingsPhase; hasBoth: boolean } {
  const source = useFatesStore((state) => state.source);
  const recorded = useFatesStore((state) => state.recorded);
  const live = useFatesStore((state) => state.live);
  const hasBoth = recorded.status !== 'none' && live.status !== 'none';
  const isLive = live.status !== 'none' && (source === 'live' || recorded.status === 'none');
  return { phase: isLive ? live : recorded, hasBoth };
}
