import { type ReactNode, useEffect, useState } from 'react';
import type { PackRecipe } from '../../core/pack/manifest.ts';
import { useEngineStore, usePackStore, useTransferStore } from '../../state/hooks.ts';
import type { PackPhase } from '../../state/pack-state.ts';
import {
  type RecordedTransfer,
  TRANSFER_KEY,
  TRANSFER_TYPES,
  type TransferPhase,
  type TransferPlace,
  type TransferType,
  toPlaceKey,
} from '../../state/transfer-state.ts';
import { formatCount, formatDate, formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { CellDetails } from './CellDetails.tsx';
import styles from './TransferPanel.module.css';

/** Repairs trained for one recipe, applied to another: what they bring back on facts that they never saw. */
export function TransferPanel() {
  const load = useTransferStore((state) => state.load);
  const recorded = useTransferStore((state) => state.recorded);
  const pack = usePackStore((state) => state.pack);
  useEffect(() => {
    void load();
  }, [load]);
  return <Panel title="Transfer">{toContent(recorded, pack)}</Panel>;
}

function toContent(recorded: TransferPhase, pack: PackPhase): ReactNode {
  switch (recorded.status) {
    case 'loading':
      return <p className={styles.note}>Reading the transfer matrix.</p>;
    case 'none':
      return <p className={styles.note}>This pack has no transfer matrix.</p>;
    case 'failed':
      return <ErrorNotice error={recorded.error} />;
    case 'ready': {
      const recipes = pack.status === 'ready' ? pack.manifest.recipes : [];
      const known = recipes.filter(({ id }) => recorded.transfer.compressed.has(id));
      return <TransferMatrix transfer={recorded.transfer} recipes={known} />;
    }
    default:
      return recorded satisfies never;
  }
}

function TransferMatrix({ transfer, recipes }: { transfer: RecordedTransfer; recipes: readonly PackRecipe[] }) {
  const [type, setType] = useState<TransferType>('pool-routed');
  const [chosen, setChosen] = useState<TransferPlace | null>(null);
  const live = useTransferStore((state) => state.live);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const place = chosen === null ? null : { ...chosen, type };
  return (
    <div className={styles.transfer}>
      <SegmentedControl<TransferType>
        label="Repair"
        segments={TRANSFER_TYPES.map((value) => ({ value, label: toRegimeLook(TRANSFER_KEY[value]).label }))}
        value={type}
        onChange={setType}
      />
      <div className={styles.scroll}>
        <table className={styles.table}>
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
                <td key={id}>{toPercent(transfer.compressed.get(id)?.value)}</td>
              ))}
            </tr>
          </thead>
          <tbody>
            {recipes.map((from) => (
              <tr key={from.id}>
                <th scope="row">{from.label}</th>
                {recipes.map((to) => {
                  const own = { type, from: from.id, to: to.id };
                  const cell = transfer.cells.find((each) => toPlaceKey(each) === toPlaceKey(own));
                  const measured = live.get(toPlaceKey(own));
                  if (cell === undefined) return <td key={to.id}>–</td>;
                  const gain = toGain(cell.accuracy.value, transfer.compressed.get(to.id)?.value, transfer.dense.value);
                  return (
                    <td key={to.id} data-own={from.id === to.id} style={{ '--gain': gain } as React.CSSProperties}>
                      <button
                        type="button"
                        className={styles.cell}
                        aria-pressed={place !== null && toPlaceKey(place) === toPlaceKey(own)}
                        aria-label={`${from.label} on ${to.label}: ${toPercent(cell.accuracy.value)}`}
                        onClick={() => setChosen(own)}
                      >
                        {toPercent(cell.accuracy.value)}
                        {measured?.status === 'done' ? (
                          <span className={styles.live}>live {toPercent(measured.accuracy.value)}</span>
                        ) : null}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CellDetails place={place} transfer={transfer} recipes={recipes} isReady={isReady} />
      <p className={styles.note}>
        Exact match on {formatCount(transfer.dense.n)} questions about facts that the repair never saw; darker cells
        bring back more of the damage, outlined ones meet the recipe they were trained for. Recorded on{' '}
        {transfer.device}, {formatDate(transfer.date)}; not measured on your device.
      </p>
    </div>
  );
}

function toPercent(share: number | undefined): string {
  return share === undefined ? '–' : formatShare(share);
}

/** Share of the damage that is back, between 0 and 1. */
function toGain(accuracy: number, compressed: number | undefined, dense: number): number {
  if (compressed === undefined || dense <= compressed) return 0;
  return Math.min(1, Math.max(0, (accuracy - compressed) / (dense - compressed)));
}
