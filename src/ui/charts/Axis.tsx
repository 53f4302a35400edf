import styles from './Axis.module.css';
import { type Scale, toPosition } from './scale.ts';

interface AxisProps {
  scale: Scale;
  /** A tick as printed, without its unit. */
  format: (tick: number) => string;
  title: string;
  /** Labels of a few characters, which all have room on a narrow axis too. */
  isShort?: boolean;
}

export function Axis({ scale, format, title, isShort = false }: AxisProps) {
  return (
    <div className={styles.axis}>
      <div className={`${styles.ticks} ${isShort ? '' : styles.thinned}`}>
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
