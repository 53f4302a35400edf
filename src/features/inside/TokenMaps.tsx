import { useMemo, useState } from 'react';
import { CanvasHeatMap } from '../../ui/charts/CanvasHeatMap.tsx';
import { toMost } from '../../ui/charts/heat-colors.ts';
import { toLeastWidth } from '../../ui/charts/heat-layout.ts';
import { formatPoints, formatProbability } from '../../ui/format.ts';
import { type AttentionMap, type AttentionMaps, findPair, type TokenPair, toPair } from './attention-maps.ts';
import styles from './InsidePanel.module.css';
import { toHeatLabel } from './token-words.ts';
import views from './views.module.css';

interface TokenMapsProps {
  maps: AttentionMaps;
  names: { left: string; right: string };
  gaps: MapGaps;
}

/** What stands in the place of a map that is not there. */
export type MapGaps = Readonly<Record<keyof AttentionMaps, string>>;

/** Three maps side by side that read out the same pair of tokens, wherever it is pointed at. */
export function TokenMaps({ maps, names, gaps }: TokenMapsProps) {
  const [pair, setPair] = useState<TokenPair | null>(null);
  const shared = { pair, onPair: setPair };
  const least = useMemo(() => Math.max(toWidth(maps.left), toWidth(maps.right)), [maps]);
  // One scale for both, so that the same shade is the same attention.
  const most = useMemo(() => toMost([...(maps.left?.values ?? []), ...(maps.right?.values ?? [])]), [maps]);
  return (
    <div className={styles.maps} style={{ '--least': `${least}rem` } as React.CSSProperties}>
      <TokenMap title={names.left} map={maps.left} gap={gaps.left} most={most} {...shared} />
      <TokenMap title={names.right} map={maps.right} gap={gaps.right} most={most} {...shared} />
      <TokenMap
        title={`${names.right} minus ${names.left}`}
        map={maps.difference}
        gap={gaps.difference}
        isDifference
        {...shared}
      />
    </div>
  );
}

/** Least end of the scale of differences, the first that is not printed as 0.0 points: rounding is no picture. */
const LEAST_DIFFERENCE = 0.001;

/** The labels of rows take as much room as so many cells. */
const LABEL_CELLS = 4;

function toColumns(map: AttentionMap | null): number {
  return (map?.columns.length ?? 0) + LABEL_CELLS;
}

function toWidth(map: AttentionMap | null): number {
  return map === null ? 0 : toLeastWidth(map.rows.map(toHeatLabel), map.columns.map(toHeatLabel));
}

interface TokenMapProps {
  title: string;
  map: AttentionMap | null;
  gap: string;
  most?: number;
  isDifference?: boolean;
  pair: TokenPair | null;
  onPair: (pair: TokenPair | null) => void;
}

function TokenMap({ title, map, gap, most, isDifference = false, pair, onPair }: TokenMapProps) {
  const drawn = useMemo(
    () => map && { rows: map.rows.map(toHeatLabel), columns: map.columns.map(toHeatLabel), own: toMost(map.values) },
    [map],
  );
  return (
    <section className={styles.figure} style={{ '--columns': toColumns(map) } as React.CSSProperties}>
      <h4 className={styles.name}>{title}</h4>
      {map === null || drawn === null ? (
        <p className={views.state}>{gap}</p>
      ) : (
        <CanvasHeatMap
          title={isDifference ? `Difference of attention, ${title}` : `Attention of ${title}`}
          rowTitle="from"
          columnTitle="to"
          rows={drawn.rows}
          columns={drawn.columns}
          values={map.values}
          scale={
            isDifference
              ? { kind: 'diverging', most: Math.max(LEAST_DIFFERENCE, drawn.own), isRoot: true }
              : { kind: 'sequential', most: most ?? drawn.own, isRoot: true }
          }
          format={isDifference ? formatPoints : formatProbability}
          legend={isDifference ? 'difference' : 'attention'}
          active={pair && findPair(map, pair)}
          onActive={(place) => onPair(place && toPair(map, place))}
        />
      )}
    </section>
  );
}
