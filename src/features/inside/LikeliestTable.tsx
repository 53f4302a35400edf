import { DataTable } from '../../ui/DataTable.tsx';
import { formatProbability, UNKNOWN } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './InsidePanel.module.css';
import type { LensOf } from './lens-plots.ts';
import { toTokenText } from './token-words.ts';

interface LikeliestTableProps {
  regimes: readonly LensOf[];
  /** The right answer's first token; null where none is known. */
  firstToken: string | null;
}

/** What each regime would say next if it ended after a layer; the right token stands out. */
export function LikeliestTable({ regimes, firstToken }: LikeliestTableProps) {
  const numPlaces = Math.max(0, ...regimes.map(({ lens }) => lens.length));
  const places = Array.from({ length: numPlaces }, (_, place) => place);
  return (
    <section className={styles.figure}>
      <h4 className={styles.name}>Likeliest next token after each layer</h4>
      <DataTable
        caption="Likeliest next token after each layer"
        columns={['After', ...regimes.map(({ key }) => toRegimeLook(key).label)]}
        rows={places.map((place) => ({
          key: String(place),
          cells: [
            place === 0 ? 'embeddings' : `layer ${place}`,
            ...regimes.map(({ key, lens }) => {
              const [token] = lens[place]?.top ?? [];
              if (token === undefined) return UNKNOWN;
              return (
                <span key={key} className={token.text === firstToken ? styles.rightToken : styles.token}>
                  {toTokenText(token)} <small>{formatProbability(token.probability)}</small>
                </span>
              );
            }),
          ],
        }))}
      />
    </section>
  );
}
