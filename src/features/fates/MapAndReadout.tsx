import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Fate } from '../../core/eval/fates.ts';
import { useBoardStore, useFatesStore } from '../../state/hooks.ts';
import type { OutcomeSet } from '../../state/outcome-set.ts';
import type { TrainedKey } from '../../state/regimes.ts';
import { toAnswerWords, type WordsHere } from './answer-words.ts';
import { FactMap } from './FactMap.tsx';
import { FactReadout } from './FactReadout.tsx';
import styles from './FactsPanel.module.css';
import { type FactFigures, type FactLine, type FactRow, toLines } from './fact-rows.ts';
import { toSpoken, toSpokenAnswers } from './fact-words.ts';

interface MapAndReadoutProps {
  set: OutcomeSet;
  fateKey: TrainedKey;
  rows: readonly FactRow[];
  shown: readonly Fate[];
  onAsk: (row: FactRow | undefined) => void;
  /** Stands below the readout. */
  note: ReactNode;
}

/** The map and what is said of the fact that is looked at: nothing else is drawn anew as the pointer moves. */
export function MapAndReadout({ set, fateKey, rows, shown, onAsk, note }: MapAndReadoutProps) {
  const look = useFatesStore((state) => state.look);
  const [active, setActive] = useState<number | null>(null);
  const shownSet = useMemo(() => new Set(shown), [shown]);
  const row = active === null ? undefined : rows[active];
  const lines = useMemo(() => (row === undefined ? [] : toLines(set, fateKey, row)), [set, fateKey, row]);
  const here = useWordsHere(row, fateKey);
  useEffect(() => look(row?.fact ?? null), [look, row]);
  return (
    <>
      <div className={styles.mapAndReadout}>
        <FactMap
          rows={rows}
          shown={shownSet}
          active={active}
          onActive={setActive}
          onAsk={(index) => onAsk(rows[index])}
        />
        <div className={styles.readout}>
          <FactReadout fateKey={fateKey} row={row} lines={lines} here={here} />
          {note}
        </div>
      </div>
      <Spoken row={row} lines={lines} here={here} />
    </>
  );
}

const NO_COLUMNS: WordsHere['columns'] = [];

/** What this device answered to a fact: as it is looked at, and on the board. */
function useWordsHere(row: FactRow | undefined, key: TrainedKey): WordsHere {
  const id = row?.fact.id ?? null;
  const looked = useFatesStore(({ answers }) => (answers?.factId === id && answers?.key === key ? answers : null));
  // Answers that are drawn at random are not those that outcomes are of.
  const columns = useBoardStore(({ question, sampling, columns: all }) =>
    question.fact !== null && question.fact.id === id && sampling.temperature === 0 ? all : NO_COLUMNS,
  );
  return useMemo(() => ({ looked, columns }), [looked, columns]);
}

interface SpokenProps {
  row: FactRow | undefined;
  lines: readonly FactLine[];
  here: WordsHere;
}

/** Regimes that are asked as somebody looks: those that decide a fate. */
const NUM_LOOKED = 4;

/** The readout for whoever does not see it: what was kept of the fact at once, and what regimes answer here once all have. */
function Spoken({ row, lines, here: { looked, columns } }: SpokenProps) {
  const text = useMemo(() => {
    if (row === undefined) return '';
    const wordsOf = (line: FactLine, figures: FactFigures) =>
      toAnswerWords(row.fact, line, figures, { looked: null, columns });
    return toSpoken(row, lines, wordsOf);
  }, [row, lines, columns]);
  return (
    <>
      <p className="visually-hidden" role="status">
        {text}
      </p>
      <p className="visually-hidden" role="status">
        {looked === null ? '' : toSpokenAnswers(looked, NUM_LOOKED)}
      </p>
    </>
  );
}
