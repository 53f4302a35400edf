import { type ReactNode, useId } from 'react';
import styles from './Panel.module.css';
import surface from './surface.module.css';

interface PanelProps {
  title: string;
  /** Right of the title: a status or the panel's main button. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Panel({ title, aside, children }: PanelProps) {
  const titleId = useId();
  return (
    <section className={`${surface.surface} ${styles.panel}`} aria-labelledby={titleId}>
      <div className={styles.head}>
        <h2 id={titleId} className={surface.title}>
          {title}
        </h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
