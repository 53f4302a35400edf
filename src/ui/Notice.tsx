import type { ReactNode } from 'react';
import type { WireError } from '../core/errors.ts';
import { Icon } from './Icon.tsx';
import styles from './Notice.module.css';

interface NoticeProps {
  tone: 'plain' | 'warning' | 'error';
  children: ReactNode;
  /** Buttons: what a person can do about it. */
  actions?: ReactNode;
}

export function Notice({ tone, children, actions }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === 'error' ? 'alert' : 'note'}>
      {tone === 'plain' ? null : (
        <span className={styles.icon}>
          <Icon name="warning" />
        </span>
      )}
      <div className={styles.body}>
        {children}
        {actions ? <div className={styles.actions}>{actions}</div> : null}
      </div>
    </div>
  );
}

/** An error as a person reads it: the sentence, what can be done, and the facts for whoever wants to report it. */
export function ErrorNotice({ error, actions }: { error: WireError; actions?: ReactNode }) {
  const details = Object.entries(error.details);
  return (
    <Notice tone="error" actions={actions}>
      <p>{error.message}</p>
      <details className={styles.details}>
        <summary>Details ({error.code})</summary>
        {details.length === 0 ? (
          <p>No further details.</p>
        ) : (
          <dl>
            {details.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        )}
      </details>
    </Notice>
  );
}
