import type { ReactNode } from 'react';
import { Fold } from './Fold.tsx';
import styles from './FoldWhenNarrow.module.css';
import { useIsNarrow } from './use-is-narrow.ts';

interface FoldWhenNarrowProps {
  /** What the fold holds. */
  summary: ReactNode;
  children: ReactNode;
}

/** Stands open on a wide page; on a phone a fold that a person opens. */
export function FoldWhenNarrow({ summary, children }: FoldWhenNarrowProps) {
  if (!useIsNarrow()) return children;
  return (
    <Fold className={styles.fold} summary={summary}>
      <div className={styles.content}>{children}</div>
    </Fold>
  );
}
