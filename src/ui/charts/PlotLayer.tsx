import { Component, type ReactNode, useCallback, useState } from 'react';
import { isSamePlot, type Plot } from './plot.ts';
import { StaticPlot } from './StaticPlot.tsx';
import { useInTurn } from './use-in-turn.ts';
import { useIsIdle } from './use-is-idle.ts';

let InteractivePlot: typeof import('./InteractivePlot.tsx').InteractivePlot | null = null;

/** Fetched before it is drawn, not while: what React suspends and reveals it lays out once more. */
async function load(): Promise<void> {
  ({ InteractivePlot } = await import('./InteractivePlot.tsx'));
}

interface PlotLayerProps {
  plot: Plot;
  label: string;
  syncId?: string;
}

/** Plain SVG at first paint; the chart library is fetched after it and takes over in place, or never where it cannot be had. */
export function PlotLayer({ plot, label, syncId }: PlotLayerProps) {
  const isIdle = useIsIdle(load);
  const drawn = useInTurn(useSame(plot));
  const [isTakenOver, setIsTakenOver] = useState(false);
  const takeOver = useCallback(() => setIsTakenOver(true), []);
  const giveBack = useCallback(() => setIsTakenOver(false), []);
  return (
    <>
      {isTakenOver && plot.rows.length > 0 ? null : <StaticPlot plot={plot} />}
      {isIdle && InteractivePlot !== null && plot.rows.length > 0 ? (
        <TakeOverBoundary onFail={giveBack}>
          <InteractivePlot
            plot={drawn}
            label={`${label} Arrow keys read one regime after the other.`}
            onDrawn={takeOver}
            {...(syncId === undefined ? {} : { syncId })}
          />
        </TakeOverBoundary>
      ) : null}
    </>
  );
}

/** The plot before while nothing in it has changed: the chart library draws all anew for every other object. */
function useSame(plot: Plot): Plot {
  const [kept, setKept] = useState(plot);
  if (isSamePlot(kept, plot)) return kept;
  setKept(plot);
  return plot;
}

/** A chart library that is not there or fails leaves the plain plot standing. */
class TakeOverBoundary extends Component<{ onFail: () => void; children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true };
  }

  override componentDidCatch(): void {
    this.props.onFail();
  }

  override render(): ReactNode {
    return this.state.hasFailed ? null : this.props.children;
  }
}
