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
      return <AnswerText text={cell.text.trimStart()} isRunning />;
    case 'failed':
      return (
        <>
          {cell.text === '' ? null : <AnswerText text={cell.text.trim()} />}
          <div className={styles.failure}>
            <ErrorNotice error={cell.error} />
          </div>
        </>
      );
    case 'done': {
      const { result } = cell;
      const text = result.text.trim();
      return (
        <>
          {text === '' ? <p className={styles.quiet}>(empty answer)</p> : <AnswerText text={text} />}
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

/** Longer than any answer of the pack's world: a model that does not stop, set smaller so that it stays a column. */
const LONG_ANSWER = 36;

function AnswerText({ text, isRunning = false }: { text: string; isRunning?: boolean }) {
  return (
    <p className={text.length > LONG_ANSWER ? styles.longText : styles.text}>
      {text}
      {isRunning ? <span className={styles.caret} aria-hidden="true" /> : null}
    </p>
  );
}
