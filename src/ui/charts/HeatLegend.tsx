import type { Ref } from 'react';
import styles from './CanvasHeatMap.module.css';
import type { HeatScale } from './heat-colors.ts';

/** Pixels of the legend's canvas, for screens of two per CSS pixel. */
export const RAMP = { width: 192, height: 24, ratio: 2 };

interface HeatLegendProps {
  rampRef: Ref<HTMLCanvasElement>;
  hatchRef: Ref<HTMLCanvasElement>;
  title: string;
  scale: HeatScale;
  format: (value: number) => string;
  /** What the hatching stands for; null where there is none. */
  missing: string | null;
}

/** The scale with its ends, and what is not there. */
export function HeatLegend({ rampRef, hatchRef, title, scale: { kind, most }, format, missing }: HeatLegendProps) {
  return (
    <div className={styles.legend} aria-hidden="true">
      <span>{title}</span>
      <span className={styles.ends}>
        <span>{format(kind === 'diverging' ? -most : 0)}</span>
        <canvas ref={rampRef} className={styles.ramp} width={RAMP.width} height={RAMP.height} />
        <span>{format(most)}</span>
      </span>
      <span className={styles.missing} hidden={missing === null}>
        <canvas ref={hatchRef} className={styles.swatch} width={RAMP.height} height={RAMP.height} />
        {missing}
      </span>
    </div>
  );
}
