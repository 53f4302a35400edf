import type { Column } from '../../state/board-state.ts';
import type { RegimeSize } from '../../state/results.ts';
import { formatBytes, formatCount, formatMs, formatRate, formatRatio, formatShare, UNKNOWN } from '../../ui/format.ts';
import styles from './BoardColumn.module.css';

interface ColumnFiguresProps {
  column: Column;
  /** Of the running model, or recorded. */
  size: RegimeSize | null;
  loraParameters: number | null;
}

/** The costs of an answer: one row per figure, the same rows in every column. */
export function ColumnFigures({ column, size, loraParameters }: ColumnFiguresProps) {
  const result = column.cell.status === 'done' ? column.cell.result : null;
  const { ttftMs = null, tokensPerSecond = null } = result ?? {};
  // A single run has no interval; timed runs below the board have.
  const ofOne = (figure: number | null) => (figure === null ? '' : 'one run');
  const rows: readonly { name: string; value: string; note: string }[] = [
    { name: 'First token', value: formatMs(ttftMs), note: ofOne(ttftMs) },
    { name: 'Speed', value: formatRate(tokensPerSecond), note: ofOne(tokensPerSecond) },
    { name: 'Stored', value: formatBytes(size?.storedBytes ?? null), note: '' },
    { name: 'Sparsity', value: formatShare(size?.sparsity ?? null), note: '' },
    { name: 'Extra parameters', ...toExtra(column, size, loraParameters) },
  ];
  return (
    <dl className={styles.figures}>
      {rows.map((row) => (
        <div key={row.name}>
          <dt>{row.name}</dt>
          <dd>{row.value}</dd>
          <dd className={styles.note}>{row.note}</dd>
        </div>
      ))}
    </dl>
  );
}

function toExtra(
  column: Column,
  size: RegimeSize | null,
  loraParameters: number | null,
): { value: string; note: string } {
  const trained = size?.repairParameters ?? column.repair?.parameters ?? null;
  if (trained === null || trained === 0) return { value: size === null ? UNKNOWN : '0', note: '' };
  const apart = size?.extraParameters ?? null;
  if (apart === 0) return { value: '0', note: `${formatCount(trained)} merged in` };
  const ratio = column.key === 'lora-merged' ? UNKNOWN : formatRatio(trained, loraParameters);
  return { value: formatCount(trained), note: ratio === UNKNOWN ? '' : `${ratio} LoRA r=8's` };
}
