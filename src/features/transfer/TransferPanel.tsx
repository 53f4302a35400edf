import { type ReactNode, useEffect } from 'react';
import type { PackRecipe } from '../../core/pack/manifest.ts';
import { useEngineStore, usePackStore, useTransferStore, useViewForm } from '../../state/hooks.ts';
import type { PackPhase } from '../../state/pack-state.ts';
import {
  type RecordedTransfer,
  TRANSFER_KEY,
  TRANSFER_TYPES,
  type TransferPhase,
  type TransferType,
} from '../../state/transfer-state.ts';
import { Button } from '../../ui/Button.tsx';
import { toIntervalText } from '../../ui/captions.ts';
import { formatBrackets, formatCount, formatDate, formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { CellDetails } from './CellDetails.tsx';
import { DecidedMark, type Decision, toDecision } from './DecidedMark.tsx';
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
  const { transferType: type, transferRoute } = useViewForm((state) => state.figures);
  const setFigures = useViewForm((state) => state.setFigures);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  // A link may tell of a recipe that this pack has not.
  const isKnown = (id: string) => recipes.some((recipe) => recipe.id === id);
  const route =
    transferRoute !== null && isKnown(transferRoute.from) && isKnown(transferRoute.to) ? transferRoute : null;
  const place = route === null ? null : { ...route, type };
  return (
    <div className={styles.transfer}>
      <SegmentedControl<TransferType>
        label="Repair"
        segments={TRANSFER_TYPES.map((value) => ({ value, label: toRegimeLook(TRANSFER_KEY[value]).label }))}
        value={type}
        onChange={(transferType) => setFigures({ transferType })}
      />
      <TransferTable
        type={type}
        transfer={transfer}
        recipes={recipes}
        chosen={place}
        onChoose={({ from, to }) => setFigures({ transferRoute: { from, to } })}
      />
      <Legend type={type} transfer={transfer} />
      <CellDetails place={place} transfer={transfer} recipes={recipes} isReady={isReady} />
      <p className={styles.note}>
        Exact match on {formatCount(transfer.dense.n)} questions about facts that the repair never saw; the dense model:{' '}
        {formatShare(transfer.dense.value)} {formatBrackets(transfer.dense)}. Brackets are{' '}
        {toIntervalText([transfer.dense])}. The stronger the shade, the more of the damage is back; outlined cells meet
        the recipe they were trained for. Each repair is tested against none on the same variant and questions, and IDP
        against LoRA-merged trained for the same recipe: McNemar’s exact test over subjects, two-sided; p after Holm
        over all {formatCount(transfer.cells.length + transfer.contrasts.length)} comparisons of the matrix. Decided: p
        after Holm below 0.05. Recorded on {transfer.device}, {formatDate(transfer.date)}; not measured on your device.
      </p>
    </div>
  );
}

/** What the marks of the cells say, with how many cells carry each. */
function Legend({ type, transfer }: { type: TransferType; transfer: RecordedTransfer }) {
  const decisions = transfer.cells.filter((cell) => cell.type === type).map(({ gain }) => toDecision(gain));
  const countOf = (wanted: Decision | null) => formatCount(decisions.filter((each) => each === wanted).length);
  return (
    <p className={styles.legend}>
      <span>Against no repair, {formatCount(decisions.length)} cells:</span>
      <span>
        <DecidedMark decision="gain" /> gain decided in {countOf('gain')}
      </span>
      <span>
        <DecidedMark decision="loss" /> loss decided in {countOf('loss')}
      </span>
      <span>no mark: undecided in {countOf(null)}</span>
    </p>
  );
}
