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
} from '../../state/transfer-state.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBrackets, formatCount, formatDate, formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { CellDetails } from './CellDetails.tsx';
import styles from './TransferPanel.module.css';
import { TransferTable } from './TransferTable.tsx';

/** Repairs trained for one recipe, applied to another: what they bring back on facts that they never saw. */
export function TransferPanel() {
  const load = useTransferStore((state) => state.load);
  const recorded = useTransferStore((state) => state.recorded);
  const pack = usePackStore((state) => state.pack);
  useEffect(() => {
    void load();
  }, [load]);
  return <Panel title="Transfer">{toContent(recorded, pack, () => void load())}</Panel>;
}

function toContent(recorded: TransferPhase, pack: PackPhase, onRetry: () => void): ReactNode {
  switch (recorded.status) {
    case 'loading':
      return <p className={styles.note}>Reading the transfer matrix.</p>;
    case 'none':
      return <p className={styles.note}>This pack has no transfer matrix.</p>;
    case 'failed':
      return <ErrorNotice error={recorded.error} actions={<Button onPress={onRetry}>Try again</Button>} />;
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
      <TransferTable type={type} transfer={transfer} recipes={recipes} chosen={place} onChoose={setChosen} />
      <CellDetails place={place} transfer={transfer} recipes={recipes} isReady={isReady} />
      <p className={styles.note}>
        Exact match on {formatCount(transfer.dense.n)} questions about facts that the repair never saw; the dense model:{' '}
        {formatShare(transfer.dense.value)} {formatBrackets(transfer.dense)}. Brackets are 95{'\u00a0'}% intervals over
        subjects (cluster bootstrap). The stronger the shade, the more of the damage is back; outlined cells meet the
        recipe they were trained for. No cell is tested against another. Recorded on {transfer.device},{' '}
        {formatDate(transfer.date)}; not measured on your device.
      </p>
    </div>
  );
}
