import styles from './ProgressMeter.module.css';

interface ProgressMeterProps {
  /** What is being done, in words. */
  label: string;
  /** Share done, 0 to 1; null while nobody can know. */
  share: number | null;
  /** Figures beside the bar, such as `3.1 of 9.8 MB`. */
  detail?: string;
}

export function ProgressMeter({ label, share, detail }: ProgressMeterProps) {
  const known = share !== null && Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : null;
  return (
    <div className={styles.meter}>
      <div className={styles.text}>
        <span>{label}</span>
        {detail === undefined ? null : <span className={styles.detail}>{detail}</span>}
      </div>
      <div
        className={styles.rail}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(known === null ? {} : { 'aria-valuenow': Math.floor(known * 100) })}
      >
        <div
          className={known === null ? styles.unknown : styles.fill}
          style={known === null ? {} : { inlineSize: `${known * 100}%` }}
        />
      </div>
    </div>
  );
}
