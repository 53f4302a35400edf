import type { ReactNode } from 'react';
import { useIsIdle } from '../ui/charts/use-is-idle.ts';
import styles from './App.module.css';

/** What most screens show after scrolling only: laid out in a turn of its own, or earlier where it is in sight. */
export function Below({ children }: { children: ReactNode }) {
  const isIdle = useIsIdle();
  return <div className={isIdle ? styles.section : styles.below}>{children}</div>;
}
