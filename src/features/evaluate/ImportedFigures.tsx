import type { ReactNode } from 'react';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { useEngineStore, usePackStore, useRecipeStore, useResultsOf } from '../../state/hooks.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';
import type { FigureProps } from './figure-props.ts';
import styles from './ImportedFigures.module.css';

type Figure = (props: FigureProps) => ReactNode;

export interface ImportedFiguresProps extends FigureProps {
  imported: ResultSet;
  /** The regimes of the run and those on the board. */
  allKeys: readonly RegimeKey[];
  /** Of accuracy and of latency. */
  figures: readonly [Figure, Figure];
  /** The imported run's figures by themselves. */
  alone: ReactNode;
}

/** An imported run, and beside it the figures of the same recipe that were measured here, or else recorded: the same lines on the same axes. */
export function ImportedFigures({ pack, highlighted, imported, allKeys, figures, alone }: ImportedFiguresProps) {
  const { sets, isOnPage } = useResultsOf(imported.recipe);
  const findWith = (hasFigures: (row: RegimeRow) => boolean) => sets.find(({ rows }) => rows.some(hasFigures)) ?? null;
  const accuracy = findWith((row) => Object.values(row.accuracy).some((estimate) => estimate !== null));
  const latency = findWith((row) => row.latency !== null);
  const pageLabel = usePageLabel();
  const other = isOnPage ? null : `The recipe on the page, which a new run measures, is ${pageLabel}.`;
  if (imported.rows.length === 0) {
    return (
      <p className={styles.note}>
        {imported.source.fileName ?? 'This run'} was asked no question about facts. What it answered to tasks is in the
        Tasks tab.
      </p>
    );
  }
  if (!isOnPage && accuracy === null && latency === null) {
    return (
      <>
        <p className={styles.note}>{other} Nothing was recorded of the imported one, so that it stands alone.</p>
        {alone}
      </>
    );
  }
  const pair = { pack, highlighted, imported, isOnPage, keys: allKeys };
  const [AccuracyFigure, LatencyFigure] = figures;
  return (
    <>
      <p className={styles.note}>
        {accuracy === null && latency === null
          ? 'Nothing was recorded of this recipe; what you measure comes beside the imported run. '
          : 'Two runs of one recipe on the same axes; each figure says whose it is. '}
        {other}
      </p>
      <div className={styles.pairs}>
        <Pair {...pair} of={AccuracyFigure} own={accuracy} />
        <Pair {...pair} of={LatencyFigure} own={latency} />
      </div>
    </>
  );
}

interface PairProps extends Pick<FigureProps, 'pack' | 'keys' | 'highlighted'> {
  of: Figure;
  imported: ResultSet;
  /** Null where nothing was measured here or recorded yet. */
  own: ResultSet | null;
  isOnPage: boolean;
}

/** One quantity twice: as imported, then as measured here or recorded, where the buttons of a run are. */
function Pair({ of: Figure, imported, own, isOnPage, ...figure }: PairProps) {
  const isReady = useEngineStore(({ engine }) => engine.status === 'ready');
  const { fileName = 'a file' } = imported.source;
  const whose = own?.source.kind === 'recorded' ? 'recorded' : 'measured here';
  const recorded = whose === 'recorded' ? 'Recorded with the pack. ' : '';
  const offer = isOnPage ? 'Run the model live to measure this recipe here.' : '';
  const from = (
    <p className={styles.lead}>
      From <b>{fileName}</b>
    </p>
  );
  const lead = isReady ? null : <p className={styles.lead}>{`${recorded}${offer}`}</p>;
  return (
    <>
      <Figure {...figure} results={imported} beside={{ whose: 'imported', results: own, lead: from }} />
      <Figure {...figure} results={own} beside={{ whose, results: imported, lead }} />
    </>
  );
}

/** The recipe on the page in words: the shipped one that equals it, by its name. */
function usePageLabel(): string {
  const presetId = useRecipeStore((state) => state.presetId);
  const preset = usePackStore(({ pack }) =>
    pack.status === 'ready' ? pack.manifest.recipes.find(({ id }) => id === presetId) : undefined,
  );
  return preset === undefined ? 'one of your own' : `another one: ${preset.label}`;
}
