import { type ComponentType, type LazyExoticComponent, lazy, type ReactNode, Suspense, useState } from 'react';
import { AppError } from '../core/errors.ts';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import styles from './App.module.css';
import { PanelBoundary } from './PanelBoundary.tsx';

/** Fetches the code of a panel; a constant, by which what came is kept. */
export type LoadPanel = () => Promise<ComponentType>;

interface LazyPanelProps {
  /** Names the panel in the sentence that a person reads. */
  name: string;
  load: LoadPanel;
  /** What stands there meanwhile. */
  place?: ReactNode;
}

type LazyComponent = LazyExoticComponent<ComponentType>;

/** Kept while panels come and go: what was fetched once is drawn without a gap. */
const known = new Map<LoadPanel, LazyComponent>();

/** A panel whose code comes when it is asked for; its place is kept. Code that could not be had is fetched again on demand, or once the browser is back online. */
export function LazyPanel({ name, load, place = <div className={styles.place} /> }: LazyPanelProps) {
  const [Content, setContent] = useState(() => known.get(load) ?? toLazy(name, load));
  return (
    <PanelBoundary name={name} onRetry={() => setContent(toLazy(name, load))}>
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

function toLazy(name: string, load: LoadPanel): LazyComponent {
  const component = lazy(async () => {
    try {
      return { default: await load() };
    } catch (error) {
      const text = `The panel "${name}" could not be fetched (are you offline?). The rest of the page works on. Check the connection and try again.`;
      throw new AppError('download-failed', text, { raw: String(error) }, error);
    }
  });
  known.set(load, component);
  return component;
}
