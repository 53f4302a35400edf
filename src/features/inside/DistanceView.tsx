import { DISTANCE_QUANTITIES, type DistanceQuantity } from '../../core/inside/capture.ts';
import { useBoardStore, useInsideDistanceStore, useInsideForm, usePackStore } from '../../state/hooks.ts';
import { DISTANCE_MEASURES, type DistanceMeasure, type DistanceResults } from '../../state/inside-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import {
  REFERENCE_WORDS,
  REFERENCES,
  toDistanceColumns,
  toDistanceExport,
  toDistancePlots,
  toDistanceRows,
} from './distance-plots.ts';
import {
  MEASURE_WORDS,
  PATH_RULE,
  QUANTITY_WORDS,
  toDifferenceText,
  toGapText,
  toPairedText,
  toPathSentence,
  toPaths,
} from './distance-words.ts';
import { StudyRun } from './StudyRun.tsx';
import { useRecipeNotes } from './use-notes.ts';
import styles from './views.module.css';

/** How far every regime stands from the dense model and from the variant without recovery, layer by layer. */
export function DistanceView() {
  const { quantity, measure } = useInsideForm((state) => state.choice);
  const run = useInsideDistanceStore((state) => state.run);
  const results = useInsideDistanceStore((state) => state.results);
  const start = useInsideDistanceStore((state) => state.start);
  const stop = useInsideDistanceStore((state) => state.stop);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const compared = { quantity, measure };
  return (
    <ChartFigure
      title="How far from dense"
      badge={results === null ? null : <SourceBadge source={results.source} />}
      run={
        <StudyRun
          run={run}
          startLabel={(items) => `Compare on ${items} questions`}
          runningLabel="Comparing layer by layer"
          onStart={start}
          onStop={stop}
        />
      }
      controls={<Pickers {...compared} />}
      chart={
        results === null ? (
          <p className={styles.state}>Nothing was compared yet.</p>
        ) : (
          <Plots results={results} {...compared} />
        )
      }
      table={
        <DataTable
          caption={`${MEASURE_WORDS[measure].label} of ${QUANTITY_WORDS[quantity].label.toLowerCase()} by regime and layer`}
          columns={toDistanceColumns(measure)}
          rows={results === null ? [] : toDistanceRows(results, quantity, measure)}
          isLong
        />
      }
      caption={<Caption results={results} {...compared} />}
      exported={results === null ? toDistanceExport(packId, null) : () => toDistanceExport(packId, results)}
    />
  );
}

interface Compared {
  quantity: DistanceQuantity;
  measure: DistanceMeasure;
}

function Pickers({ quantity, measure }: Compared) {
  const choose = useInsideForm((state) => state.choose);
  return (
    <div className={styles.pickers}>
      <SegmentedControl
        label="Compared"
        segments={DISTANCE_QUANTITIES.map((value) => ({ value, label: QUANTITY_WORDS[value].label }))}
        value={quantity}
        onChange={(next) => choose({ quantity: next })}
      />
      <SegmentedControl
        label="By"
        segments={DISTANCE_MEASURES.map((value) => ({ value, label: MEASURE_WORDS[value].label }))}
        value={measure}
        onChange={(next) => choose({ measure: next })}
      />
    </div>
  );
}

function Plots({ results, quantity, measure }: Compared & { results: DistanceResults }) {
  const highlighted = useBoardStore((state) => state.highlighted);
  const plots = toDistancePlots(results, quantity, measure);
  const paths = toPaths(results, quantity, measure);
  const sentence = toPathSentence(paths);
  const differences = toDifferenceText(paths, measure);
  const gap = toGapText(results, quantity);
  return (
    <div className={styles.view}>
      {sentence === null ? null : (
        <div className={styles.finding}>
          <p>{sentence}</p>
          {differences === null ? null : <p className={styles.rule}>{differences}</p>}
          <p className={styles.rule}>{PATH_RULE}</p>
        </div>
      )}
      {plots === null ? (
        <p className={styles.state}>No layer could be compared by this quantity; choose another one.</p>
      ) : (
        <div className={styles.pair}>
          {REFERENCES.map((reference) =>
            plots[reference].lines.length === 0 ? (
              <p key={reference} className={styles.state}>
                {REFERENCE_WORDS[reference]}: no layer can be compared.
              </p>
            ) : (
              <XyChart
                key={reference}
                plot={plots[reference]}
                title={REFERENCE_WORDS[reference]}
                highlighted={highlighted}
              />
            ),
          )}
        </div>
      )}
      {gap === null ? null : <p className={styles.state}>{gap}</p>}
    </div>
  );
}

function Caption({ results, quantity, measure }: Compared & { results: DistanceResults | null }) {
  const meaning = `${QUANTITY_WORDS[quantity].meaning} ${MEASURE_WORDS[measure].meaning}`;
  const notes = useRecipeNotes(results?.regimes.map(({ key }) => key) ?? []);
  if (results === null) return meaning;
  return (
    <>
      {meaning} Means over {formatCount(results.n)} questions, each answered by the twin of a repair that was not
      trained on its fact (fewer where a repair has one twin); whiskers are 95{'\u00a0'}% intervals over subjects,
      cluster bootstrap. {toPairedText(results)}No correction is made for looking at several repairs. {notes}
      {toSourceText(results.source)}
    </>
  );
}
