import styles from './Axis.module.css';
import { type Scale, toPosition } from './scale.ts';

interface AxisProps {
  scale: Scale;
  /** A tick as printed, without its unit. */
  format: (tick: number) => string;
  title: string;
}

export function Axis({ scale, format, title }: AxisProps) {
  return (
    <div className={styles.axis}>
      <div className={styles.ticks}>
        {scale.ticks.map((tick) => (
          <span key={tick} className={styles.tick} style={{ insetInlineStart: toPosition(tick, scale) }}>
            {format(tick)}
          </span>
        ))}
      </div>
      <div className={styles.title}>{title}</div>
    </div>
  );
}
