import { useEffect } from 'react';
import type { ExportFormat } from '../../core/export/folder.ts';
import { useExportStore, useRecipeStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { saveFile } from '../../ui/charts/save-file.ts';
import { formatBytes } from '../../ui/format.ts';
import { ErrorNotice } from '../../ui/Notice.tsx';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import styles from './RecipePanel.module.css';

interface Choice {
  format: ExportFormat;
  label: string;
  note: string;
}

const CHOICES: readonly Choice[] = [
  {
    format: 'compressed',
    label: 'Compressed checkpoint',
    note: 'safetensors with packed matrices, as small as the recipe makes them, and the recipe itself',
  },
  {
    format: 'onnx',
    label: 'ONNX folder',
    note: 'loads with transformers.js; pruned weights are stored as zeros, embeddings in float32, 3-bit codes in 4 bits',
  },
];

/** The variant that runs as files to take away, with what they take. */
export function ExportModel() {
  const variant = useRecipeStore((state) => state.variant);
  const measure = useExportStore((state) => state.measure);
  const sizes = useExportStore((state) => state.sizes);
  const phase = useExportStore((state) => state.phase);
  const write = useExportStore((state) => state.write);
  const stop = useExportStore((state) => state.stop);

  useEffect(() => {
    if (variant.status === 'ready') measure();
  }, [variant, measure]);

  const take = async (format: ExportFormat) => {
    const file = await write(format);
    if (file !== null) saveFile(file.name, file.zip);
  };
  return (
    <div className={styles.group}>
      <h3 className={styles.label}>Export, as one .zip</h3>
      {CHOICES.map(({ format, label, note }) => (
        <div key={format}>
          <Button
            look="row"
            isDisabled={sizes?.[format] == null || phase.status === 'writing'}
            onPress={() => void take(format)}
          >
            {label} <span className={styles.severity}>{formatBytes(sizes?.[format] ?? null)}</span>
          </Button>
          <p className={styles.note}>
            {sizes !== null && sizes[format] === null
              ? 'This format cannot hold it: it is too large for one file, or its layers keep different numbers of heads.'
              : note}
          </p>
        </div>
      ))}
      {phase.status === 'writing' ? (
        <>
          <ProgressMeter label="Writing" share={phase.share} detail={phase.file} />
          <div>
            <StopButton onPress={stop} />
          </div>
        </>
      ) : null}
      {phase.status === 'failed' ? <ErrorNotice error={phase.error} /> : null}
    </div>
  );
}
