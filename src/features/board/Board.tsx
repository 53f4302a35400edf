import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import type { Column } from '../../state/board-state.ts';
import { useBoardStore, useColumns, useEngineStore, useRecordedSet } from '../../state/hooks.ts';
import type { RegimeSize } from '../../state/results.ts';
import { CheckField } from '../../ui/CheckField.tsx';
import { Fold } from '../../ui/Fold.tsx';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './Board.module.css';
import { BoardColumn } from './BoardColumn.tsx';
import { DecodingChoice } from './DecodingChoice.tsx';
import { TextPromptField } from './TextPromptField.tsx';

/** One column per regime, the same question in all. */
export function Board() {
  const highlighted = useBoardStore((state) => state.highlighted);
  const shown = useBoardStore((state) => state.shown);
  const known = useColumns();
  const columns = known.length > 0 ? known : shown.map(toPlaceholder);
  const setShown = useBoardStore((state) => state.setShown);
  const isAsking = useBoardStore((state) => state.isAsking);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const toRecordedSize = useRecordedSizes();
  const lora = columns.find((column) => column.key === 'lora-merged');
  const loraParameters =
    lora?.size?.repairParameters ?? lora?.repair?.parameters ?? toRecordedSize('lora-merged')?.repairParameters ?? null;

  return (
    <div className={styles.board}>
      <div className={styles.columns}>
        {columns.map((column) => (
          <BoardColumn
            key={column.key}
            column={column}
            isHighlighted={column.key === highlighted}
            isReady={isReady}
            recordedSize={toRecordedSize(column.key)}
            loraParameters={loraParameters}
          />
        ))}
      </div>
      <p className="visually-hidden" role="status">
        {isAsking ? '' : toSpokenAnswers(columns)}
      </p>
      {shown.includes('text') ? <TextPromptField /> : null}
      {columns.some((column) => column.cell.status === 'done') ? (
        <p className={styles.caption}>
          Times are of this one answer, each regime after the other; medians of many runs are in the latency figure
          below.
        </p>
      ) : null}
      <Fold className={styles.more} summary={`Choose regimes (${shown.length} shown)`}>
        <div className={styles.choices}>
          {REGIME_KEYS.map((key) => {
            const look = toRegimeLook(key);
            return (
              <CheckField
                key={key}
                isChecked={shown.includes(key)}
                onChange={(isShown) => setShown(key, isShown)}
                isDisabled={key === 'dense' || key === 'compressed'}
              >
                <RegimeMark regime={key} />
                <span>
                  {look.label} <span className={styles.hint}>{look.hint}</span>
                </span>
              </CheckField>
            );
          })}
        </div>
      </Fold>
      <DecodingChoice />
    </div>
  );
}

/** Sizes of the shown recipe as they were recorded; null where nothing was. */
function useRecordedSizes(): (key: RegimeKey) => RegimeSize | null {
  const rows = useRecordedSet()?.rows;
  return (key) => rows?.find((row) => row.key === key)?.size ?? null;
}

/** All finished answers in one sentence, said once the last one has come. */
function toSpokenAnswers(columns: readonly Column[]): string {
  return columns
    .flatMap(({ key, cell }) => {
      if (cell.status !== 'done') return [];
      const { text, isRight } = cell.result;
      const verdict = isRight === null ? '' : isRight ? ', right' : ', wrong';
      return `${toRegimeLook(key).label}: ${text.trim() || 'empty'}${verdict}.`;
    })
    .join(' ');
}

/** A column before the pack has said what stands behind it: keeps its place, so that nothing jumps. */
function toPlaceholder(key: RegimeKey): Column {
  return {
    key,
    regime: null,
    unavailable: null,
    repair: null,
    transferred: false,
    exposure: null,
    size: null,
    gate: null,
    cell: { status: 'empty' },
    isStale: false,
  };
}
