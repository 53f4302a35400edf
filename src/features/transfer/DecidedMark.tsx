import type { Comparison } from '../../core/eval/comparisons.ts';
import styles from './TransferPanel.module.css';

/** What a comparison with no repair decided. */
export type Decision = 'gain' | 'loss';

export function toDecision({ isDecided, difference }: Comparison): Decision | null {
  if (!isDecided) return null;
  return difference.value > 0 ? 'gain' : 'loss';
}

/** A triangle that points up for a gain and down for a loss; always beside words, so hidden from assistive technology. */
export function DecidedMark({ decision }: { decision: Decision }) {
  return (
    <svg className={styles.mark} viewBox="0 0 8 8" aria-hidden="true" focusable="false">
      <path d={decision === 'gain' ? 'M4 1l3.5 6h-7z' : 'M4 7L.5 1h7z'} fill="currentColor" />
    </svg>
  );
}
