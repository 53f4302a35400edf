import { useEffect } from 'react';
import type { PackManifest } from '../../core/pack/manifest.ts';
import { useComparisonsStore, useRecipeStore } from '../../state/hooks.ts';
import type { ResultSet, ResultSource } from '../../state/results.ts';
import { toIntervalText } from '../../ui/captions.ts';
import surface from '../../ui/surface.module.css';
import { findClaimed, toClaims } from './claims.ts';
import styles from './VerdictPanel.module.css';

interface ClaimsFigureProps {
  /** Of the fates that the claims stand beside. */
  source: ResultSource;
  manifest: PackManifest;
  timed: ResultSet | null;
}

/** The claims of the paper beside this model's own figures. */
export function ClaimsFigure({ source, manifest, timed }: ClaimsFigureProps) {
  const recipeId = useRecipeStore((state) => state.presetId);
  const load = useComparisonsStore((state) => state.load);
  const comparisons = useComparisonsStore((state) => (source.kind === 'live' ? state.live : state.recorded));
  useEffect(load, [load]);
  return (
    <section className={`${surface.surface} ${styles.claims}`} aria-labelledby="claims-title">
      <h3 id="claims-title" className={surface.title}>
        The paper, and this model
      </h3>
      <dl>
        {toClaims({ comparisons, source, manifest, recipeId, timed }).map(({ id, paper, here, source: where }) => (
          <div key={id}>
            <dt>Paper: {paper}.</dt>
            {here.map((sentence) => (
              <dd key={sentence} className={styles.here}>
                {sentence}.
              </dd>
            ))}
            <dd className={styles.source}>This model, {where}.</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        In brackets {toIntervalText([findClaimed(comparisons)?.difference ?? null])}; of times, of the median.
        Accuracies are compared as under Paired comparisons, after Holm. The paper asked OPT-6.7B and LLaMA-7B on nine
        tasks (arXiv 2310.00867); this is a small model of a closed world, and shows neither that the claims hold for
        those nor that they do not.
      </p>
    </section>
  );
}
