import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { OutcomeSet } from '../../state/outcome-set.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatProbability } from '../../ui/format.ts';
import styles from './FactTable.module.css';
import { type FactRow, toFigures } from './fact-rows.ts';
import { toFormsText, toRoleLabel } from './fact-words.ts';

interface FactTableProps {
  set: OutcomeSet;
  fateKey: TrainedKey;
  rows: readonly FactRow[];
  onAsk: (row: FactRow) => void;
}

/** Row height in rem. */
const ROW_REM = 2;

const ROLES = ['dense', 'variant', 'heldOut', 'seen'] as const;

/** The map's twin: a row per fact; only the rows in sight are in the page. Each begins with a button that asks it. */
export function FactTable({ set, fateKey, rows, onAsk }: FactTableProps) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_REM * rootSize,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <div ref={scrollRef} className={styles.scroll}>
      <table className={styles.table} aria-rowcount={rows.length + 1}>
        <caption className="visually-hidden">Facts and their fates</caption>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">Subject</th>
            <th scope="col">Relation</th>
            <th scope="col">Answer</th>
            <th scope="col">Fate</th>
            {ROLES.map((role) => (
              <th key={role} scope="col">
                {toRoleLabel(role, fateKey)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr style={{ blockSize: before }} />
          {items.map(({ index, size }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <tr key={row.fact.id} aria-rowindex={index + 2} style={{ blockSize: size }}>
                <th scope="row">
                  <button type="button" className={styles.ask} onClick={() => onAsk(row)}>
                    {row.fact.subject}
                  </button>
                </th>
                <td>{row.relation.label}</td>
                <td>{row.fact.answer}</td>
                <td>{toFateLook(row.fate).label}</td>
                {toFigures(set, fateKey, row).map((figures) => (
                  <td key={figures.role} className={styles.number}>
                    {toFormsText(figures)}, {formatProbability(figures.probability)}
                  </td>
                ))}
              </tr>
            );
          })}
          <tr style={{ blockSize: after }} />
        </tbody>
      </table>
    </div>
  );
}
