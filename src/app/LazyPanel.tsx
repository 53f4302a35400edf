import { type ReactNode, Suspense, useSyncExternalStore } from 'react';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import styles from './App.module.css';
import { PanelBoundary } from './PanelBoundary.tsx';
import { type LoadPanel, onRefetch, readPanel, refetchPanel } from './panel-code.ts';

interface LazyPanelProps {
  /** Names the panel in the sentence that a person reads. */
  name: string;
  load: LoadPanel;
  /** What stands there meanwhile. */
  place?: ReactNode;
}

/** A panel whose code comes when it is asked for; its place is kept. Code that could not be had is fetched again on demand, or once the browser is back online. */
export function LazyPanel({ name, load, place = <div className={styles.place} /> }: LazyPanelProps) {
  const { attempt, Content } = useSyncExternalStore(onRefetch, () => readPanel(name, load));
  return (
    <PanelBoundary key={attempt} name={name} onRetry={() => refetchPanel(name, load)}>
      <Suspense fallback={place}>
        <Content />
      </Suspense>
    </PanelBoundary>
  );
}

/** The same, once the page stands and has nothing better to do. */
export function LatePanel({ name, load }: LazyPanelProps) {
  const isIdle = useIsIdle(load);
  return isIdle ? <LazyPanel name={name} load={load} /> : <div className={styles.place} />;
}
