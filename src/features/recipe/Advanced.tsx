import type { ReactNode } from 'react';
import { Fold } from '../../ui/Fold.tsx';
import styles from './RecipePanel.module.css';

/** Options that the papers' settings serve well: folded away, for who looks for them. */
export function Advanced({ children }: { children: ReactNode }) {
  return (
    <Fold className={styles.more} summary="Advanced">
      <div className={`${styles.column} ${styles.folded}`}>{children}</div>
    </Fold>
  );
}
