import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import { REGIME_KEYS, type RegimeKey } from '../../core/recover/regime.ts';
import { useBoardStore, useEngineStore, usePackStore, useRecipeStore } from '../../state/hooks.ts';
import type { ResultSet } from '../../state/results.ts';
import { AccuracyFigure } from './AccuracyFigure.tsx';
import { Figures, type FiguresProps } from './Figures.tsx';
import type { FigureProps } from './figure-props.ts';
import styles from './ImportedFigures.module.css';
import { LatencyFigure } from './LatencyFigure.tsx';
import { toRows } from './rows.ts';
import { useResultsBeside } from './use-results-beside.ts';

/** An imported run, and beside it the figures of the same recipe that were measured here, or else recorded: the same lines on the same axes. */
export function ImportedFigures(props: FiguresProps) {
  const { results } = props;
  return results === null ? <Figures {...props} /> : <Compared {...props} imported={results} />;
}

function Compared({ imported, ...props }: FiguresProps & { imported: ResultSet }) {
  const { pack, keys, highlighted } = props;
  const { accuracy, latency, isOfPage } = useResultsBeside(imported);
  const shown = useBoardStore((state) => state.shown);
  const pageLabel = usePageLabel();
  const other = isOfPage
    ? null
    : `The recipe on the page, which a new run measures, is another one than the imported run’s: ${pageLabel}.`;
  if (!isOfPage && accuracy === null && latency === null) {
    return (
      <>
        <p className={styles.note}>{other} Nothing was recorded of the imported one, so that it stands alone.</p>
        <Figures {...props} />
      </>
    );
  }
  const all = REGIME_KEYS.filter((key) => keys.includes(key) || shown.includes(key));
  const pair = { pack, highlighted, imported, isOfPage, keys: all };
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

interface PairProps extends Pick<FigureProps, 'pack' | 'highlighted'> {
  of: (props: FigureProps) => React.ReactNode;
  keys: readonly RegimeKey[];
  imported: ResultSet;
  /** Null where nothing was measured here or recorded yet. */
  own: ResultSet | null;
  isOfPage: boolean;
}

/** One quantity twice: as imported, then as measured here or recorded, where the buttons of a run are. */
function Pair({ of: Figure, keys, imported, own, isOfPage, ...figure }: PairProps) {
  const isReady = useEngineStore(({ engine }) => engine.status === 'ready');
  const importedRows = toRows(imported, keys);
  const ownRows = toRows(own, keys);
  const { fileName = 'a file' } = imported.source;
  const whose = own?.source.kind === 'recorded' ? 'recorded' : 'measured here';
  const recorded = whose === 'recorded' ? 'Recorded with the pack. ' : '';
  const offer = isOfPage ? 'Run the model live to measure this recipe here.' : '';
  return (
    <>
      <Figure
        {...figure}
        results={imported}
        rows={importedRows}
        beside={{
          whose: 'imported',
          rows: ownRows,
          lead: (
            <p className={styles.lead}>
              From <b>{fileName}</b>
            </p>
          ),
        }}
      />
      <Figure
        {...figure}
        results={own}
        rows={ownRows}
        beside={{
          whose,
          rows: importedRows,
          lead: isReady ? null : <p className={styles.lead}>{`${recorded}${offer}`}</p>,
        }}
      />
    </>
  );
}

/** The name of the recipe on the page: of the shipped one that equals it, or what it does. */
function usePageLabel(): string {
  const recipe = useRecipeStore((state) => state.recipe);
  const presetId = useRecipeStore((state) => state.presetId);
  const preset = usePackStore(({ pack }) =>
    pack.status === 'ready' ? pack.manifest.recipes.find(({ id }) => id === presetId) : undefined,
  );
  return preset?.label ?? toRecipeLabel(recipe);
}
