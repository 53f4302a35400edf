import type { Column } from '../../state/board-state.ts';
import { formatProbability } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { Verdict } from '../../ui/Verdict.tsx';
import styles from './BoardColumn.module.css';

/** The answer as it comes, then whether it is right and how sure the model was of the right one. */
export function Answer({ column, isReady }: { column: Column; isReady: boolean }) {
  const { cell } = column;
  if (column.unavailable !== null) return <p className={styles.quiet}>{column.unavailable}</p>;
  switch (cell.status) {
    case 'empty':
      return <p className={styles.quiet}>{isReady ? 'No question asked yet.' : 'Not running yet.'}</p>;
    case 'waiting':
      return <p className={styles.quiet}>Waiting for its turn</p>;
    case 'preparing':
      return <p className={styles.quiet}>Preparing</p>;
    case 'streaming':
      return (
        <p className={styles.text}>
          {cell.text.trimStart()}
          <span className={styles.caret} aria-hidden="true" />
        </p>
      );
    case 'failed':
      return (
        <>
          {cell.text === '' ? null : <p className={styles.text}>{cell.text.trim()}</p>}
          <ErrorNotice error={cell.error} />
        </>
      );
    case 'done': {
      const { result } = cell;
      const text = result.text.trim();
      return (
        <>
          <p className={text === '' ? styles.quiet : styles.text}>{text === '' ? '(empty answer)' : text}</p>
          <p className={styles.verdict}>
            {result.isRight === null ? null : <Verdict isRight={result.isRight} />}
            {result.stopReason === 'stopped' ? <span className={styles.quiet}>stopped</span> : null}
            {result.stopReason === 'length' ? <span className={styles.quiet}>cut at its length limit</span> : null}
          </p>
          {result.answerProbability === null ? null : <Probability value={result.answerProbability} />}
        </>
      );
    }
    default:
      cell satisfies never;
      return null;
  }
}

function Probability({ value }: { value: number }) {
  const share = Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0;
  return (
    <div className={styles.probability}>
      <p>P(right answer)</p>
      <div className={styles.rail} aria-hidden="true">
        <div className={styles.fill} style={{ inlineSize: `${share * 100}%` }} />
      </div>
      <b>{formatProbability(value)}</b>
    </div>
  );
}
