import { useId, useRef, useState } from 'react';
import type { Fact } from '../../core/eval/fact.ts';
import { useBoardStore, useEngineStore, usePackStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { FactList } from './FactList.tsx';
import styles from './FactsDialog.module.css';

/** The button that opens the list of every fact of the pack, taught or control, and the list. */
export function FactsDialog() {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isOpen, setIsOpen] = useState(false);
  const facts = usePackStore((state) => state.facts);
  const loadPack = usePackStore((state) => state.loadPack);
  const setFact = useBoardStore((state) => state.setFact);
  const ask = useBoardStore((state) => state.ask);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');

  const open = () => {
    setIsOpen(true);
    dialogRef.current?.showModal();
  };
  const choose = (fact: Fact) => {
    dialogRef.current?.close();
    setFact(fact);
    if (isReady) ask();
  };

  return (
    <>
      <Button look="chip" icon="list" onPress={open}>
        {facts.status === 'ready' ? `All ${formatCount(facts.facts.length)} facts` : 'All facts'}
      </Button>
      <dialog
        ref={dialogRef}
        closedby="any"
        className={styles.dialog}
        aria-labelledby={titleId}
        onClose={() => setIsOpen(false)}
      >
        <div className={styles.head}>
          <h2 id={titleId}>All facts of the pack</h2>
          <Button look="quiet" icon="cross" onPress={() => dialogRef.current?.close()}>
            Close
          </Button>
        </div>
        {facts.status === 'loading' ? <p className={styles.note}>Reading the facts.</p> : null}
        {facts.status === 'failed' ? (
          <ErrorNotice error={facts.error} actions={<Button onPress={() => void loadPack()}>Try again</Button>} />
        ) : null}
        {facts.status === 'ready' && isOpen ? (
          <FactList facts={facts.facts} relations={facts.relations} onChoose={choose} />
        ) : null}
      </dialog>
    </>
  );
}
