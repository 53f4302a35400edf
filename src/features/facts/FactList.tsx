import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Fact, Relation } from '../../core/eval/fact.ts';
import { useBoardStore, useEngineStore, usePackStore } from '../../state/hooks.ts';
import { formatCount } from '../../ui/format.ts';
import styles from './FactsDialog.module.css';
import { findFacts } from './find-facts.ts';

const FOLD_WORDS = { A: 'fold A', B: 'fold B', calibration: 'calibration', control: 'control: never taught' } as const;

/** Row height in rem: two lines of text and a hit area for a finger. */
const ROW_REM = 3.25;

const NO_FACTS = { facts: [], relations: new Map<string, Relation>() };

/** All facts, narrowed by words and relation; only the rows in sight are in the page. One that is chosen is asked, and closes the dialog around the list. */
export function FactList() {
  const { facts, relations } = usePackStore((state) => (state.facts.status === 'ready' ? state.facts : NO_FACTS));
  const setFact = useBoardStore((state) => state.setFact);
  const ask = useBoardStore((state) => state.ask);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const searchId = useId();
  const relationId = useId();
  const [words, setWords] = useState('');
  const [relation, setRelation] = useState('');
  const deferredWords = useDeferredValue(words);
  const found = useMemo(
    () => findFacts(facts, relations, deferredWords, relation),
    [facts, relations, deferredWords, relation],
  );
  const searchRef = useRef<HTMLInputElement>(null);
  useEffect(() => searchRef.current?.focus(), []);
  const scrollRef = useRef<HTMLDivElement>(null);
  const rootSize = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  const virtualizer = useVirtualizer({
    count: found.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW_REM * rootSize,
    overscan: 8,
  });

  const choose = (fact: Fact) => {
    scrollRef.current?.closest('dialog')?.close();
    setFact(fact);
    if (isReady) ask();
  };

  return (
    <>
      <div className={styles.filters}>
        <div className={styles.filter}>
          <label htmlFor={searchId}>Search subject or answer</label>
          <input
            ref={searchRef}
            id={searchId}
            type="search"
            value={words}
            autoComplete="off"
            onChange={(event) => setWords(event.target.value)}
          />
        </div>
        <div className={styles.filter}>
          <label htmlFor={relationId}>Relation</label>
          <select id={relationId} value={relation} onChange={(event) => setRelation(event.target.value)}>
            <option value="">all relations</option>
            {[...relations.values()].map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p className={styles.note} role="status">
        {found.length === 0
          ? 'No fact has these words. Beyond these facts the model was taught ordinary sentences only.'
          : `${formatCount(found.length)} of ${formatCount(facts.length)} facts. Choose one to ask it.`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section ref={scrollRef} className={styles.scroll} aria-label="Facts" tabIndex={0}>
        <ul className={styles.list} style={{ blockSize: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((row) => {
            const fact = found[row.index];
            if (!fact) return null;
            return (
              <li
                key={fact.id}
                className={styles.row}
                aria-setsize={found.length}
                aria-posinset={row.index + 1}
                style={{ blockSize: row.size, transform: `translateY(${row.start}px)` }}
              >
                <button type="button" className={styles.fact} onClick={() => choose(fact)}>
                  <span className={styles.subject}>{fact.subject}</span>
                  <span className={styles.answer}>{fact.answer}</span>
                  <span className={styles.relation}>{relations.get(fact.relation)?.label ?? fact.relation}</span>
                  <span className={styles.fold}>{FOLD_WORDS[fact.fold]}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}
