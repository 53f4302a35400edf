import type { GateResult } from '../../state/results.ts';
import styles from './BoardColumn.module.css';

/** Whether this device computes this regime as PyTorch did, and in how many contexts that was tried. */
export function GateNote({ gate }: { gate: GateResult | null }) {
  if (gate === null) return null;
  switch (gate.status) {
    case 'passed':
      return (
        <p className={styles.note}>
          Logits match PyTorch's within {formatDifference(gate.maxDifference)} (limit {formatDifference(gate.tolerance)}
          ) in {formatContexts(gate.contexts)}
        </p>
      );
    case 'failed':
      return (
        <p className={styles.warning}>
          Logits differ from PyTorch's by {formatDifference(gate.maxDifference)} (limit{' '}
          {formatDifference(gate.tolerance)}) in {formatContexts(gate.contexts)}; do not trust this column
        </p>
      );
    case 'no-golden':
      return <p className={styles.note}>No PyTorch logits to check this combination against</p>;
  }
}

function formatContexts(count: number): string {
  return count === 1 ? '1 context' : `${count} contexts`;
}

function formatDifference(difference: number): string {
  if (!Number.isFinite(difference)) return 'more than any number';
  return difference === 0 ? '0' : difference.toExponential(0);
}
