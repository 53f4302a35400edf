import { useBoardStore, useEngineStore, usePackStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import styles from './QuestionBox.module.css';

/** Says that a text is outside of the world the model learned and offers the nearest facts. */
export function FreeTextNote() {
  const question = useBoardStore((state) => state.question);
  const setFact = useBoardStore((state) => state.setFact);
  const ask = useBoardStore((state) => state.ask);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const facts = usePackStore((state) => state.facts);
  if (question.text.trim() === '' || facts.status !== 'ready') return null;
  const numTaught = facts.facts.filter((fact) => fact.fold !== 'control').length;
  return (
    <div className={styles.outside} role="status">
      <p>
        Not a question of this world: the model learned {formatCount(numTaught)} facts and some ordinary sentences. It
        will answer, but nobody can say whether it is right.
      </p>
      {question.nearest.length === 0 ? null : (
        <div className={styles.row}>
          <span>Nearest:</span>
          {question.nearest.map((fact) => (
            <Button
              key={fact.id}
              look="chip"
              onPress={() => {
                setFact(fact);
                if (isReady) ask();
              }}
            >
              {fact.subject}, {facts.relations.get(fact.relation)?.label.toLowerCase() ?? fact.relation}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}
