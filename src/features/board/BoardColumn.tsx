import { memo, useId } from 'react';
import type { Column } from '../../state/board-state.ts';
import { usePackStore } from '../../state/hooks.ts';
import type { RegimeSize } from '../../state/results.ts';
import { FoldWhenNarrow } from '../../ui/FoldWhenNarrow.tsx';
import { formatMs } from '../../ui/format.ts';
import { RegimeMark } from '../../ui/RegimeMark.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { Answer } from './Answer.tsx';
import styles from './BoardColumn.module.css';
import { ColumnFigures } from './ColumnFigures.tsx';
import { GateNote } from './GateNote.tsx';
import { RepairNote } from './RepairNote.tsx';
import { RoutingFigure } from './RoutingFigure.tsx';

interface BoardColumnProps {
  column: Column;
  isHighlighted: boolean;
  isReady: boolean;
  /** Sizes from the recorded results, shown while the model has not given them itself. */
  recordedSize: RegimeSize | null;
  /** Parameters of the LoRA that ratios are taken to. */
  loraParameters: number | null;
}

/** One regime: who it is, what it answers, what that costs; drawn anew only where something of it changed. */
export const BoardColumn = memo(function BoardColumn({
  column,
  isHighlighted,
  isReady,
  recordedSize,
  loraParameters,
}: BoardColumnProps) {
  const nameId = useId();
  const look = toRegimeLook(column.key);
  const result = column.cell.status === 'done' ? column.cell.result : null;
  return (
    <article
      className={`${styles.column} ${isHighlighted ? styles.highlighted : ''}`}
      style={{ '--regime': look.color, '--soft': `var(--${column.key}-soft)` } as React.CSSProperties}
      aria-labelledby={nameId}
      aria-busy={column.cell.status === 'streaming' || column.cell.status === 'preparing'}
    >
      <header className={styles.head}>
        <h3 id={nameId} className={styles.name}>
          <RegimeMark regime={column.key} />{' '}
          <span>
            {look.label}
            {isHighlighted ? <span className="visually-hidden">, highlighted</span> : null}
          </span>
        </h3>
        <p className={styles.hint}>{look.hint}</p>
      </header>
      <div className={`${styles.answer} ${isReady ? styles.roomy : ''}`}>
        <Answer column={column} isReady={isReady} />
      </div>
      <div className={styles.provenance}>
        {column.cell.status === 'empty' ? null : <Provenance column={column} />}
        {column.size === null && recordedSize !== null ? <p className={styles.note}>Sizes as recorded</p> : null}
      </div>
      <FoldWhenNarrow summary={toFoldText(column)}>
        <ColumnFigures column={column} size={column.size ?? recordedSize} loraParameters={loraParameters} />
        <div className={styles.repair}>
          {result?.routing ? (
            <RoutingFigure routing={result.routing} routingMs={result.routingMs} color={look.color} />
          ) : null}
          <RepairNote repair={column.repair} />
          <GateNote gate={column.gate} />
        </div>
      </FoldWhenNarrow>
    </article>
  );
});

/** What folds away on a phone, with the one figure that is asked for most. */
function toFoldText({ cell, repair }: Column): string {
  const content = repair === null ? 'Cost' : 'Cost and repair';
  return cell.status === 'done' ? `${content}: first token in ${formatMs(cell.result.ttftMs)}` : content;
}

/** What the repair of this column knows of the asked fact, and for which recipe it was trained. */
function Provenance({ column }: { column: Column }) {
  const { repair } = column;
  const trainedFor = usePackStore(({ pack }) =>
    pack.status === 'ready' ? pack.manifest.recipes.find(({ id }) => id === repair?.recipeId)?.label : undefined,
  );
  if (repair === null && !column.isStale) return null;
  return (
    <ul className={styles.tags}>
      {column.isStale ? <li className={styles.warning}>answered before the last change; ask again</li> : null}
      {column.exposure === null ? null : (
        <li className={column.exposure === 'seen' ? styles.seen : styles.tag}>{toExposureText(column.exposure)}</li>
      )}
      {column.transferred ? (
        <li className={styles.warning}>transferred: trained for {trainedFor ?? 'another recipe'}</li>
      ) : null}
    </ul>
  );
}

function toExposureText(exposure: 'seen' | 'held-out' | 'outside'): string {
  switch (exposure) {
    case 'seen':
      return 'seen: repair was trained on this fact';
    case 'held-out':
      return 'held-out: repair never saw this fact';
    case 'outside':
      return 'outside: no repair was trained on it';
  }
}
