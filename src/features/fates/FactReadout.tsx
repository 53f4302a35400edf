import { memo } from 'react';
import { useEngineStore } from '../../state/hooks.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { FateSwatch } from '../../ui/FateSwatch.tsx';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatProbability, UNKNOWN } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { type AnswerWords, toAnswerWords, type WordsHere } from './answer-words.ts';
import styles from './FactReadout.module.css';
import type { FactFigures, FactLine, FactRow } from './fact-rows.ts';
import { toFormsText, toWordsText } from './fact-words.ts';

interface FactReadoutProps {
  fateKey: TrainedKey;
  /** The fact that is looked at. */
  row: FactRow | undefined;
  /** What every regime did with it. */
  lines: readonly FactLine[];
  here: WordsHere;
}

/** The fact that is looked at: its answer and fate, and what every regime that was asked answers to it. */
export const FactReadout = memo(function FactReadout({ fateKey, row, lines, here }: FactReadoutProps) {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  if (row === undefined) {
    return (
      <div className={styles.readout} data-empty="" data-export="no">
        <p className={styles.note}>
          Point at a cell, or use the arrow keys, to see a fact and what every regime made of it.
        </p>
      </div>
    );
  }
  const { fact, relation, fate } = row;
  const { label, hint } = toFateLook(fate);
  const wordsOf = (line: FactLine, figures: FactFigures) => toAnswerWords(fact, line, figures, here);
  return (
    <div className={styles.readout} data-export="no">
      <p className={styles.subject}>{fact.subject}</p>
      <p className={styles.relation}>
        {relation.label}: <b>{fact.answer}</b>
      </p>
      <p className={styles.fate}>
        <FateSwatch fate={fate} /> <b>{label}</b>, {hint}
      </p>
      <table className={styles.table}>
        <caption className="visually-hidden">What each regime made of it</caption>
        <thead>
          <tr>
            <th scope="col">regime</th>
            <th scope="col">never saw it</th>
            <th scope="col">saw it</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key} data-chosen={line.key === fateKey}>
              <th scope="row">{toRegimeLook(line.key).label}</th>
              {line.parts.map((figures, i) => (
                // A place is a twin; the model alone takes both.
                <td key={i === 0 ? 'first' : 'second'} colSpan={line.parts.length === 1 ? 2 : 1}>
                  {figures === null ? 'not asked' : <Part figures={figures} words={wordsOf(line, figures)} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.note}>
        Probability of the right answer, the mean over the questions.{' '}
        <span className={styles.dash}>{UNKNOWN} is a wrong answer whose words were not recorded. </span>
        {here.looked !== null
          ? 'Asked on your device as you look.'
          : isReady
            ? ''
            : 'Run the model to read what each regime answers.'}
      </p>
    </div>
  );
});

/** One regime: a mark per question, the probability, and its words. */
function Part({ figures, words }: { figures: FactFigures; words: AnswerWords }) {
  const isUnknown = words.status === 'not-recorded';
  return (
    <span className={styles.part}>
      <span className="visually-hidden">{toFormsText(figures)} right, </span>
      <span className={styles.forms} aria-hidden="true">
        {toNumbered(figures.forms).map(({ number, form }) => (
          <span key={number} data-right={form}>
            {form === null ? UNKNOWN : <Icon name={form ? 'check' : 'cross'} />}
          </span>
        ))}
      </span>
      <span className={styles.number}>{formatProbability(figures.probability)}</span>
      <span
        className={styles.words}
        data-right={words.status === 'said' ? words.isRight : null}
        data-unknown={isUnknown}
        title={words.status === 'said' ? words.text : undefined}
      >
        {isUnknown ? <span aria-hidden="true">{UNKNOWN}</span> : null}
        <span className={isUnknown ? 'visually-hidden' : undefined}>{toWordsText(words)}</span>
      </span>
    </span>
  );
}

/** Forms have no name but their number. */
function toNumbered(forms: readonly (boolean | null)[]) {
  return forms.map((form, number) => ({ form, number }));
}
