import { Component, lazy, type ReactNode, Suspense, useCallback, useState } from 'react';
import type { Plot } from './plot.ts';
import { StaticPlot } from './StaticPlot.tsx';
import { useIsIdle } from './use-is-idle.ts';

const InteractivePlot = lazy(async () => ({ default: (await import('./InteractivePlot.tsx')).InteractivePlot }));

interface PlotLayerProps {
  plot: Plot;
  label: string;
  syncId?: string;
}

/** Plain SVG at first paint; the chart library is fetched after it and takes over in place, or never where it cannot be had. */
export function PlotLayer({ plot, label, syncId }: PlotLayerProps) {
  const isIdle = useIsIdle();
  const [isTakenOver, setIsTakenOver] = useState(false);
  const takeOver = useCallback(() => setIsTakenOver(true), []);
  const giveBack = useCallback(() => setIsTakenOver(false), []);
  return (
    <>
      {isTakenOver && plot.rows.length > 0 ? null : <StaticPlot plot={plot} />}
      {isIdle && plot.rows.length > 0 ? (
        <TakeOverBoundary onFail={giveBack}>
          <Suspense fallback={null}>
            <InteractivePlot
              plot={plot}
              label={`${label} Arrow keys read one regime after the other.`}
              onDrawn={takeOver}
              {...(syncId === undefined ? {} : { syncId })}
            />
          </Suspense>
        </TakeOverBoundary>
      ) : null}
    </>
  );
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
