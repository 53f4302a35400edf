import { useRecipeStore, useRecordedSet } from '../../state/hooks.ts';
import type { RegimeSize } from '../../state/results.ts';
import { Button } from '../../ui/Button.tsx';
import { formatBits, formatBytes, formatShare } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import { ExportModel } from './ExportModel.tsx';
import styles from './RecipePanel.module.css';

/** Bytes and zeros of the variant; recorded ones while no engine runs, and said so. */
export function VariantFigures() {
  const variant = useRecipeStore((state) => state.variant);
  const liveDense = useRecipeStore((state) => state.denseSize);
  const isLeft = useRecipeStore((state) => state.applied !== null);
  const goBack = useRecipeStore((state) => state.goBack);
  const rows = useRecordedSet()?.rows;

  if (variant.status === 'failed') {
    return (
      <div className={styles.group}>
        <ErrorNotice error={variant.error} />
        {isLeft ? (
          <div>
            <Button onPress={goBack}>Back to the recipe before</Button>
          </div>
        ) : null}
      </div>
    );
  }
  if (variant.status === 'building') {
    return (
      <div className={`${styles.group} ${styles.building}`}>
        <ProgressMeter label={variant.step ?? 'Compressing'} share={null} />
        <div>
          <StopButton onPress={goBack} />
        </div>
      </div>
    );
  }
  if (variant.status === 'ready') {
    return (
      <>
        <Figures size={variant.size} dense={liveDense} source="of the running model" />
        <ExportModel />
      </>
    );
  }
  const size = rows?.find((row) => row.key === 'compressed')?.size;
  const dense = rows?.find((row) => row.key === 'dense')?.size ?? null;
  if (!size) return <p className={styles.note}>Sizes appear once the model runs.</p>;
  return <Figures size={size} dense={dense} source="recorded" />;
}

function Figures({ size, dense, source }: { size: RegimeSize; dense: RegimeSize | null; source: string }) {
  const rows = [
    {
      name: 'Stored',
      value: formatBytes(size.storedBytes),
      note: dense ? `dense ${formatBytes(dense.storedBytes)}` : '',
    },
    {
      name: 'In memory',
      value: formatBytes(size.runtimeBytes),
      note: dense ? `dense ${formatBytes(dense.runtimeBytes)}` : '',
    },
    { name: 'Sparsity, linear weights', value: formatShare(size.sparsity), note: '' },
    { name: 'Stored per linear weight', value: formatBits(size.bitsPerWeight), note: '' },
  ];
  return (
    <div className={styles.group}>
      <h3 className={styles.label}>Compressed model, {source}</h3>
      <dl className={styles.figures}>
        {rows.map((row) => (
          <div key={row.name}>
            <dt>
              {row.name} {row.note === '' ? null : <span className={styles.aside}>{row.note}</span>}
            </dt>
            <dd>{row.value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
