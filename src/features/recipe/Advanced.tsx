import type { ReactNode } from 'react';
import styles from './RecipePanel.module.css';

/** Options that the papers' settings serve well: folded away, for who looks for them. */
export function Advanced({ children }: { children: ReactNode }) {
  return (
    <details className={styles.more}>
      <summary>Advanced</summary>
      <div className={`${styles.column} ${styles.folded}`}>{children}</div>
    </details>
  );
}
