import { useEvaluateStore, useViewForm } from '../../state/hooks.ts';
import type { Estimate, RegimeRow } from '../../state/results.ts';
import { toCountText, toIntervalText, toRowNote, toSourceText } from '../../ui/captions.ts';
import { AccuracyChart } from '../../ui/charts/AccuracyChart.tsx';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatBrackets, formatCount, formatPoints } from '../../ui/format.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toTransferText } from './captions.ts';
import { type FigureProps, toWhose, toWhoseExport } from './figure-props.ts';
import { ItemsField, useItems } from './ItemsField.tsx';
import { RunControls } from './RunControls.tsx';
import { toRows } from './rows.ts';
import { ACCURACY_COLUMNS, toAccuracyExport, toAccuracyTable } from './tables.ts';

/** Exact-match accuracy: chart, table twin, caption, and the run that fills them. */
export function AccuracyFigure({ pack, results, keys, highlighted, beside }: FigureProps) {
  const rows = toRows(results, keys);
  const run = useEvaluateStore((state) => state.accuracyRun);
  const runAccuracy = useEvaluateStore((state) => state.runAccuracy);
  const runControl = useEvaluateStore((state) => state.runControl);
  const stop = useEvaluateStore((state) => state.stop);
  const pause = useEvaluateStore((state) => state.pause);
  const resume = useEvaluateStore((state) => state.resume);
  const chosen = useViewForm((state) => state.figures.items);
  const setFigures = useViewForm((state) => state.setFigures);
  const choice = useItems(chosen);
  const { items } = choice;
  const counts = rows.flatMap(({ accuracy }) => [accuracy.all, accuracy.seen, accuracy.heldOut]);

  const whose = toWhose(beside);
  const hasFigures = counts.some((estimate) => estimate !== null);

  return (
    <ChartFigure
      title={`Accuracy${whose}`}
      badge={results === null || !hasFigures ? null : <SourceBadge source={results.source} />}
      run={
        beside?.lead ?? (
          <RunControls
            run={run}
            unit="items"
            startLabel={`Score ${formatCount(items)} items per regime`}
            choices={<ItemsField {...choice} onChoose={(next) => setFigures({ items: next })} />}
            onStart={() => runAccuracy(items)}
            onStop={stop}
            pause={{ onPause: pause, onResume: resume }}
            isShown={results?.source.kind === 'live'}
            more={{ label: 'Score control subjects', onPress: runControl }}
          />
        )
      }
      chart={
        <AccuracyChart
          rows={toChartRows(rows)}
          rowsBeside={beside === undefined ? [] : toChartRows(toRows(beside.results, keys))}
          highlighted={highlighted}
        />
      }
      table={
        <DataTable caption={`Accuracy by regime${whose}`} columns={ACCURACY_COLUMNS} rows={toAccuracyTable(rows)} />
      }
      exported={toWhoseExport(toAccuracyExport(pack, results, rows), beside)}
      caption={
        results === null || !hasFigures ? (
          'Exact match of the whole answer. Nothing measured yet.'
        ) : (
          <>
            {results.recipeLabel}. Exact match of the whole answer, {toCountText(counts, 'items')} per regime and kind
            of fact; whiskers and brackets are {toIntervalText([...counts, results.damage])}.{' '}
            {toDamageText(results.damage)}
            {toTransferText(rows)}
            {toSourceText(results.source)}
          </>
        )
      }
    />
  );
}

/** What compression took, as a caption says it. */
function toDamageText(damage: Estimate | null): string {
  if (damage === null) return '';
  const { value, low, high } = damage;
  const interval = formatBrackets({ low: -high, high: -low });
  return `Damage: ${formatPoints(-value)} ${interval}, paired on ${toCountText([damage], 'items')}. `;
}

function toChartRows(rows: readonly RegimeRow[]) {
  return rows.map((row) => ({ key: row.key, note: toRowNote(row), ...row.accuracy }));
}
