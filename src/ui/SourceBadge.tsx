import { formatDate } from './format.ts';
import styles from './SourceBadge.module.css';

interface SourceBadgeProps {
  source: { kind: 'recorded' | 'live'; device: string; isSoftware: boolean; date: string };
}

/** Says of every figure whether it was recorded or measured here, and on which device. */
export function SourceBadge({ source }: SourceBadgeProps) {
  const device = `${source.device}${source.isSoftware ? ' (software)' : ''}`;
  return source.kind === 'live' ? (
    <span className={`${styles.badge} ${styles.live}`}>live on {device}</span>
  ) : (
    <span className={styles.badge}>
      recorded on {device}, {formatDate(source.date)}
    </span>
  );
}
