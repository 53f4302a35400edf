import { useEffect, useId } from 'react';
import type { WireError } from '../../core/errors.ts';
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
      {CHOICES.map((choice) => (
        <Folder
          key={choice.format}
          {...choice}
          size={sizes?.[choice.format] ?? null}
          isBusy={phase.status === 'writing'}
          onTake={() => void take(choice.format)}
        />
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

interface FolderProps extends Choice {
  /** Bytes, or why the format cannot hold the variant; null until either is known. */
  size: number | WireError | null;
  isBusy: boolean;
  onTake: () => void;
}

function Folder({ label, note, size, isBusy, onTake }: FolderProps) {
  const id = useId();
  const sizeBytes = typeof size === 'number' ? size : null;
  return (
    <div>
      <Button look="row" isDisabled={sizeBytes === null || isBusy} describedBy={id} onPress={onTake}>
        {label} <span className={styles.severity}>{formatBytes(sizeBytes)}</span>
      </Button>
      <p className={styles.note} id={id}>
        {size === null || typeof size === 'number' ? note : size.message}
      </p>
    </div>
  );
}
