import type { FactAnswer } from '../../state/fates-state.ts';
import { useEngineStore, useFatesStore } from '../../state/hooks.ts';
import type { OutcomeSet } from '../../state/outcome-set.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { FateSwatch } from '../../ui/FateSwatch.tsx';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatProbability, UNKNOWN } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import styles from './FactReadout.module.css';
import { type FactRow, toFigures } from './fact-rows.ts';
import { toAnswerText, toFormsText, toRoleLabel } from './fact-words.ts';

interface FactReadoutProps {
  set: OutcomeSet;
  fateKey: TrainedKey;
  row: FactRow | undefined;
}

/** The fact that is looked at: its answer and fate, and what each regime that decides it did with it. */
export function FactReadout({ set, fateKey, row }: FactReadoutProps) {
  const answers = useFatesStore((state) => state.answers);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  if (row === undefined) {
    return (
      <div className={styles.readout} data-export="no">
        <p className={styles.note}>
          Point at a cell, or use the arrow keys, to see a fact and what every regime made of it.
        </p>
      </div>
    );
  }
  const { fact, relation, fate } = row;
  const { label, hint } = toFateLook(fate);
  const isAsked = answers?.factId === fact.id && answers.key === fateKey;
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
            <th scope="col">questions</th>
            <th scope="col">probability</th>
          </tr>
        </thead>
        <tbody>
          {toFigures(set, fateKey, row).map((figures) => {
            const answer = isAsked ? answers.answers.get(figures.role) : undefined;
            return (
              <tr key={figures.role}>
                <th scope="row">
                  {toRoleLabel(figures.role, fateKey)}
                  {answer === undefined ? null : <Answer answer={answer} />}
                </th>
                <td>
                  <span className="visually-hidden">{toFormsText(figures)} right</span>
                  <span className={styles.forms} aria-hidden="true">
                    {toNumbered(figures.forms).map(({ number, form }) => (
                      <span key={number} data-right={form}>
                        {form === null ? UNKNOWN : <Icon name={form ? 'check' : 'cross'} />}
                      </span>
                    ))}
                  </span>
                </td>
                <td className={styles.number}>{formatProbability(figures.probability)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className={styles.note}>
        Of the right answer, the mean over the questions.{' '}
        {isAsked
          ? 'Asked on your device as you look.'
          : isReady
            ? ''
            : 'Run the model to read what each regime answers.'}
      </p>
    </div>
  );
}

/** Forms have no name but their number. */
function toNumbered(forms: readonly (boolean | null)[]) {
  return forms.map((form, number) => ({ form, number }));
}

/** What a regime says on this device. */
function Answer({ answer }: { answer: FactAnswer }) {
  return (
    <span className={styles.now} data-right={answer.status === 'done' ? answer.isRight : null}>
      {toAnswerText(answer)}
    </span>
  );
}
