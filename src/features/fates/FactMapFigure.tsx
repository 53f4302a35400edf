import { useId, useMemo, useState } from 'react';
import { FATES, type Fate } from '../../core/eval/fates.ts';
import type { FateFindings } from '../../state/fates-state.ts';
import { useBoardStore, useEngineStore, useFatesStore, usePackStore, useViewForm } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { FateSwatch } from '../../ui/FateSwatch.tsx';
import { toFateLook } from '../../ui/fate-look.ts';
import { formatCount } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { ToggleGroup } from '../../ui/ToggleGroup.tsx';
import styles from './FactsPanel.module.css';
import { FactTable } from './FactTable.tsx';
import { toFactExport } from './fact-export.ts';
import { type FactRow, toFactRows, toKeys } from './fact-rows.ts';
import { MapAndReadout } from './MapAndReadout.tsx';

/** Every fact with its fate under the chosen type of repair: a map to point at, a table, and both as files. */
export function FactMapFigure({ of }: { of: FateFindings }) {
  const { set } = of;
  const facts = usePackStore((state) => state.facts);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const wanted = useFatesStore((state) => state.key);
  const setKey = useFatesStore((state) => state.setKey);
  const keys = useMemo(() => toKeys(set), [set]);
  const key = keys.includes(wanted) ? wanted : (keys[0] ?? wanted);
  const relations = facts.status === 'ready' ? facts.relations : null;
  const rows = useMemo(() => (relations === null ? [] : toFactRows(set, key, relations)), [set, key, relations]);
  const shown = useViewForm((state) => state.figures.fates);
  const setFigures = useViewForm((state) => state.setFigures);
  const { ask, asked } = useAsk();

  return (
    <ChartFigure
      title="Fact map"
      badge={<SourceBadge source={set.source} />}
      controls={
        <SegmentedControl
          label="Type of repair"
          segments={keys.map((value) => ({ value, label: toRegimeLook(value).label }))}
          value={key}
          onChange={setKey}
        />
      }
      chart={
        <div className={styles.chart}>
          <Legend rows={rows} shown={shown} onChange={(fates) => setFigures({ fates })} />
          <MapAndReadout
            set={set}
            fateKey={key}
            rows={rows}
            shown={shown}
            onAsk={ask}
            note={<AskedNote asked={asked} />}
          />
        </div>
      }
      table={
        <>
          <FactTable set={set} fateKey={key} rows={rows} onAsk={ask} />
          <AskedNote asked={asked} />
        </>
      }
      caption={
        <>
          One cell per fact of the two folds, {formatCount(rows.length)} in all, under {toRegimeLook(key).label}:
          grouped by domain and relation, each decided on at least 2 of 3 questions. Fates differ in lightness as well
          as in hue; a relearned fact has a dot, a broken one a stroke, one that was never known is empty.{' '}
          {toSourceText(set.source)}
        </>
      }
      exported={() => toFactExport(packId, set, key, rows)}
    />
  );
}

interface LegendProps {
  rows: readonly FactRow[];
  shown: readonly Fate[];
  onChange: (shown: readonly Fate[]) => void;
}

/** Counts the fates, and draws or fades the facts of each. */
function Legend({ rows, shown, onChange }: LegendProps) {
  const labelId = useId();
  const counts = useMemo(() => countFates(rows), [rows]);
  return (
    <div className={styles.legend}>
      <span id={labelId} className="visually-hidden">
        Fates in colour
      </span>
      <ToggleGroup
        labelId={labelId}
        look="chip"
        toggles={FATES.map((fate) => ({
          value: fate,
          label: (
            <>
              <FateSwatch fate={fate} /> {toFateLook(fate).label} <b>{formatCount(counts.get(fate) ?? 0)}</b>
            </>
          ),
        }))}
        chosen={shown}
        onChange={onChange}
      />
    </div>
  );
}

function countFates(rows: readonly FactRow[]): ReadonlyMap<Fate, number> {
  const counts = new Map<Fate, number>();
  for (const { fate } of rows) counts.set(fate, (counts.get(fate) ?? 0) + 1);
  return counts;
}

/** Asks a fact on the board; `asked` is the last one. */
function useAsk(): { ask: (row: FactRow | undefined) => void; asked: FactRow | null } {
  const setFact = useBoardStore((state) => state.setFact);
  const askBoard = useBoardStore((state) => state.ask);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const [asked, setAsked] = useState<FactRow | null>(null);
  const ask = (row: FactRow | undefined) => {
    if (row === undefined) return;
    setFact(row.fact);
    if (isReady) askBoard();
    setAsked(row);
  };
  return { ask, asked };
}

/** What became of a click, since the board may be out of sight. */
function AskedNote({ asked }: { asked: FactRow | null }) {
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  if (asked === null) return null;
  return (
    <p className={styles.asked} role="status">
      {asked.fact.subject}: {isReady ? 'asked on the board.' : 'in the question box; the model is not running yet.'}{' '}
      <Button look="quiet" onPress={() => document.getElementById('board')?.scrollIntoView()}>
        Go to the board
      </Button>
    </p>
  );
}
