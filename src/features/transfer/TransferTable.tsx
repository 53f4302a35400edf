import type { PackRecipe } from '../../core/pack/manifest.ts';
import { useTransferStore } from '../../state/hooks.ts';
import type { Estimate } from '../../state/results.ts';
import {
  type LiveCell,
  type RecordedTransfer,
  type TransferPlace,
  type TransferType,
  toPlaceKey,
} from '../../state/transfer-state.ts';
import { useMarks } from '../../ui/charts/use-marks.ts';
import { formatBrackets, formatCount, formatShare } from '../../ui/format.ts';
import { DecidedMark, toDecision } from './DecidedMark.tsx';
import styles from './TransferPanel.module.css';

interface TransferTableProps {
  type: TransferType;
  transfer: RecordedTransfer;
  recipes: readonly PackRecipe[];
  chosen: TransferPlace | null;
  onChoose: (place: TransferPlace) => void;
}

/** One kind of repair: recipes it was trained for down, recipes it meets across; one stop of the Tab key, arrow keys from cell to cell. */
export function TransferTable({ type, transfer, recipes, chosen, onChoose }: TransferTableProps) {
  const live = useTransferStore((state) => state.live);
  const recorded = new Map(transfer.cells.map((cell) => [toPlaceKey(cell), cell]));
  const cells = recipes.flatMap((from, y) =>
    recipes.flatMap((to, x) => {
      const place = { type, from: from.id, to: to.id };
      const known = recorded.get(toPlaceKey(place));
      if (known === undefined) return [];
      return [{ from, to, place, accuracy: known.accuracy, decision: toDecision(known.gain), x, y, group: '' }];
    }),
  );
  const { toButtonProps } = useMarks(cells);
  const chosenKey = chosen === null ? null : toPlaceKey(chosen);
  const toCell = (from: PackRecipe, to: PackRecipe) => {
    const index = cells.findIndex((cell) => cell.from === from && cell.to === to);
    const cell = cells[index];
    if (cell === undefined) return <td key={to.id}>–</td>;
    const key = toPlaceKey(cell.place);
    const now = toLiveText(live.get(key));
    const gain = toGain(cell.accuracy, transfer.compressed.get(to.id) ?? null, transfer.dense);
    const { accuracy, decision } = cell;
    const { onClick, ...buttonProps } = toButtonProps(index);
    return (
      <td key={to.id} data-own={from === to} style={{ '--gain': gain } as React.CSSProperties}>
        <button
          type="button"
          className={styles.cell}
          aria-pressed={key === chosenKey}
          {...buttonProps}
          onClick={() => {
            onClick();
            onChoose(cell.place);
          }}
        >
          <span className="visually-hidden">
            {from.label} on {to.label}:{' '}
          </span>
          {formatShare(accuracy.value)}
          <span className="visually-hidden">, 95 % interval </span>
          <span className={styles.interval}>{formatBrackets(accuracy)}</span>
          {decision === null ? null : (
            <>
              <span className="visually-hidden">, decided {decision} over no repair</span>
              <DecidedMark decision={decision} />
            </>
          )}
          {now === null ? null : (
            <>
              <span className="visually-hidden">, </span>
              <span className={styles.live}>{now}</span>
            </>
          )}
        </button>
      </td>
    );
  };
  return (
    <div className={styles.scroll}>
      <table className={styles.table} style={{ '--columns': recipes.length } as React.CSSProperties}>
        <caption className="visually-hidden">
          Accuracy on held-out facts, by the recipe a repair was trained for and the one it meets
        </caption>
        <thead>
          <tr>
            <th scope="col">trained for ↓, applied to →</th>
            {recipes.map(({ id, label }) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
          </tr>
          <tr className={styles.plain}>
            <th scope="row">no repair</th>
            {recipes.map(({ id }) => (
              <td key={id}>
                {formatShare(transfer.compressed.get(id)?.value ?? null)}{' '}
                <span className={styles.interval}>{formatBrackets(transfer.compressed.get(id) ?? null)}</span>
              </td>
            ))}
          </tr>
        </thead>
        <tbody>
          {recipes.map((from) => (
            <tr key={from.id}>
              <th scope="row">{from.label}</th>
              {recipes.map((to) => toCell(from, to))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a cell says of its measurement here; null before the first. */
function toLiveText(cell: LiveCell | undefined): string | null {
  switch (cell?.status) {
    case undefined:
      return null;
    case 'running':
      return `${formatCount(cell.done)} of ${formatCount(cell.total)}`;
    case 'failed':
      return 'failed here';
    case 'done':
      return `live ${formatShare(cell.accuracy.value)} ${formatBrackets(cell.accuracy)}`;
    default:
      return cell satisfies never;
  }
}

/** Share of the damage that is back, between 0 and 1; 0 where the two intervals touch, so that there may be no damage. */
function toGain(accuracy: Estimate, compressed: Estimate | null, dense: Estimate): number {
  if (compressed === null || dense.low <= compressed.high) return 0;
  return Math.min(1, Math.max(0, (accuracy.value - compressed.value) / (dense.value - compressed.value)));
}
