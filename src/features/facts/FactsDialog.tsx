import { type ReactNode, useId, useRef, useState } from 'react';
import { usePackStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import styles from './FactsDialog.module.css';

/** The button that opens the list of every fact of the pack, taught or control, and the place of the list, which is there while it is open. */
export function FactsDialog({ list }: { list: ReactNode }) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const [isOpen, setIsOpen] = useState(false);
  const facts = usePackStore((state) => state.facts);
  const loadPack = usePackStore((state) => state.loadPack);

  const open = () => {
    setIsOpen(true);
    dialogRef.current?.showModal();
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
        {facts.status === 'ready' && isOpen ? list : null}
      </dialog>
    </>
  );
}
