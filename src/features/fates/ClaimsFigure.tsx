import type { PackManifest } from '../../core/pack/manifest.ts';
import type { FateFindings } from '../../state/fates-state.ts';
import { useRecipeStore } from '../../state/hooks.ts';
import type { ResultSet } from '../../state/results.ts';
import { toIntervalText } from '../../ui/captions.ts';
import surface from '../../ui/surface.module.css';
import { toClaims } from './claims.ts';
import styles from './VerdictPanel.module.css';

interface ClaimsFigureProps {
  of: FateFindings;
  manifest: PackManifest;
  timed: ResultSet | null;
}

/** The claims of the paper beside this model's own figures. */
export function ClaimsFigure({ of, manifest, timed }: ClaimsFigureProps) {
  const recipeId = useRecipeStore((state) => state.presetId);
  return (
    <section className={`${surface.surface} ${styles.claims}`} aria-labelledby="claims-title">
      <h3 id="claims-title" className={surface.title}>
        The paper, and this model
      </h3>
      <dl>
        {toClaims({ of, manifest, recipeId, timed }).map(({ id, paper, here, source }) => (
          <div key={id}>
            <dt>Paper: {paper}.</dt>
            <dd className={styles.here}>{here}.</dd>
            <dd className={styles.source}>This model, {source}.</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>
        In brackets {toIntervalText([of.idpAgainstLora])}; of times, of the median. The paper asked OPT-6.7B and
        LLaMA-7B on nine tasks (arXiv 2310.00867); this is a small model of a closed world, and shows neither that the
        claims hold for those nor that they do not.
      </p>
    </section>
  );
}
