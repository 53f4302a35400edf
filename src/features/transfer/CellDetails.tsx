import type { PackRecipe } from '../../core/pack/manifest.ts';
import { useTransferStore } from '../../state/hooks.ts';
import type { Estimate } from '../../state/results.ts';
import {
  type LiveCell,
  type RecordedTransfer,
  TRANSFER_KEY,
  type TransferPlace,
  toPlaceKey,
} from '../../state/transfer-state.ts';
import { toMadeText } from '../../ui/captions.ts';
import { formatCount, formatInterval, formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import { toDifferenceText } from './difference-words.ts';
import styles from './TransferPanel.module.css';

interface CellDetailsProps {
  place: TransferPlace | null;
  transfer: RecordedTransfer;
  recipes: readonly PackRecipe[];
  isReady: boolean;
}

/** Questions of a live cell, half of them to either twin, all of them to the variant without a repair. */
const ITEMS = 200;

/** The chosen cell with its intervals and tests, and the button that measures it here. */
export function CellDetails({ place, transfer, recipes, isReady }: CellDetailsProps) {
  const measure = useTransferStore((state) => state.measure);
  const stop = useTransferStore((state) => state.stop);
  const live = useTransferStore((state) => (place === null ? undefined : state.live.get(toPlaceKey(place))));
  if (place === null) return <p className={styles.note}>Choose a cell to measure it here.</p>;
  const labelOf = (id: string) => recipes.find((recipe) => recipe.id === id)?.label ?? id;
  const cell = transfer.cells.find((each) => toPlaceKey(each) === toPlaceKey(place));
  const plain = transfer.compressed.get(place.to);
  const contrast = transfer.contrasts.find(({ from, to }) => from === place.from && to === place.to);
  const { n: questions } = transfer.dense;
  return (
    <div className={styles.details}>
      <p>
        Trained for <b>{labelOf(place.from)}</b>, applied to <b>{labelOf(place.to)}</b>:{' '}
        {cell === undefined ? 'not recorded' : toText(cell.accuracy)}; without a repair{' '}
        {plain ? toText(plain) : 'not recorded'}.
      </p>
      {cell === undefined ? null : (
        <p>
          <b>{toRegimeLook(TRANSFER_KEY[place.type]).label}</b>: {toDifferenceText(cell.gain, 'no repair', questions)}.
        </p>
      )}
      {place.type === 'single' || contrast === undefined ? null : (
        <p>
          <b>IDP</b>: {toDifferenceText(contrast.comparison, 'LoRA-merged', questions)}.
        </p>
      )}
      <div className={styles.measure}>
        <StartStopButton
          icon="play"
          isRunning={live?.status === 'running'}
          startLabel={`Measure ${ITEMS} questions here`}
          isDisabled={!isReady}
          onStart={() => measure(place, ITEMS)}
          onStop={stop}
        />
        <Live cell={live} isReady={isReady} />
      </div>
      {live?.status === 'done' ? (
        <p>
          <b>Measured here</b>: {toDifferenceText(live.gain, 'no repair', questions)}. Without a repair{' '}
          {toText(live.plain)}.
        </p>
      ) : null}
    </div>
  );
}

function Live({ cell, isReady }: { cell: LiveCell | undefined; isReady: boolean }) {
  if (cell === undefined) return isReady ? null : <span className={styles.note}>The model is not running yet.</span>;
  switch (cell.status) {
    case 'running':
      return (
        <span role="status">
          {formatCount(cell.done)} of {formatCount(cell.total)} answers, with the repair and without
        </span>
      );
    case 'failed':
      return <ErrorNotice error={cell.error} />;
    case 'done':
      return (
        <span role="status">
          <b>{toText(cell.accuracy)}</b> <SourceBadge source={cell.source} />
        </span>
      );
    default:
      return cell satisfies never;
  }
}

function toText(estimate: Estimate): string {
  const interval = `95 % interval ${formatInterval(estimate, formatShare)}${toMadeText([estimate])}`;
  return `${formatShare(estimate.value)} (${interval}; ${formatCount(estimate.n)} questions)`;
}
