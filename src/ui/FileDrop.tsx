import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { Button } from './Button.tsx';
import { type DroppedFile, toDroppedFile, toUnreadableFile } from './dropped-file.ts';
import styles from './FileDrop.module.css';

interface FileDropProps {
  /** Of its label, by which the page finds the zone. */
  id: string;
  /** What may be dropped, as people read it; names the zone too. */
  label: string;
  /** The button that opens the file dialog. */
  action: string;
  /** Endings and media types that the dialog offers, such as `.jsonl`. */
  accept: readonly string[];
  isDisabled?: boolean;
  /** All that came at once. */
  onFiles: (files: readonly DroppedFile[]) => void;
}

/** Takes files that are dropped on it, pasted into it or chosen. */
export function FileDrop({ id, label, action, accept, isDisabled = false, onFiles }: FileDropProps) {
  return (
    <DropZone
      className={styles.zone ?? ''}
      aria-label={label}
      isDisabled={isDisabled}
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => {
        const given = items.flatMap((item): Promise<DroppedFile>[] => {
          if (item.kind === 'directory')
            return [Promise.resolve(toUnreadableFile(`${item.name}/`, new TypeError('a folder')))];
          if (item.kind !== 'file') return [];
          return [item.getFile().then(toDroppedFile, (error: unknown) => toUnreadableFile(item.name, error))];
        });
        void Promise.all(given).then(onFiles);
      }}
    >
      <p id={id}>{label}</p>
      <FileTrigger
        acceptedFileTypes={accept}
        allowsMultiple
        onSelect={(files) => {
          if (files !== null) onFiles([...files].map(toDroppedFile));
        }}
      >
        <Button isDisabled={isDisabled} onPress={() => undefined}>
          {action}
        </Button>
      </FileTrigger>
    </DropZone>
  );
}
