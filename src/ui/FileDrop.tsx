import { DropZone } from 'react-aria-components/DropZone';
import { FileTrigger } from 'react-aria-components/FileTrigger';
import { Button } from './Button.tsx';
import styles from './FileDrop.module.css';

/** A file that was dropped or chosen, not yet read. */
export interface DroppedFile {
  /** Its name; a folder's ends in a slash. */
  path: string;
  sizeBytes: number;
  /** Rejects where it is gone, has changed since, or is a folder. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

interface FileDropProps {
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
export function FileDrop({ label, action, accept, isDisabled = false, onFiles }: FileDropProps) {
  return (
    <DropZone
      className={styles.zone ?? ''}
      aria-label={label}
      isDisabled={isDisabled}
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => {
        const given = items.flatMap((item): Promise<DroppedFile>[] => {
          if (item.kind === 'directory')
            return [Promise.resolve(toUnreadable(`${item.name}/`, new TypeError('a folder')))];
          if (item.kind !== 'file') return [];
          return [item.getFile().then(toDropped, (error: unknown) => toUnreadable(item.name, error))];
        });
        void Promise.all(given).then(onFiles);
      }}
    >
      <p>{label}</p>
      <FileTrigger
        acceptedFileTypes={accept}
        allowsMultiple
        onSelect={(files) => {
          if (files !== null) onFiles([...files].map(toDropped));
        }}
      >
        <Button isDisabled={isDisabled} onPress={() => undefined}>
          {action}
        </Button>
      </FileTrigger>
    </DropZone>
  );
}

function toDropped(file: File): DroppedFile {
  return { path: file.name, sizeBytes: file.size, read: async () => new Uint8Array(await file.arrayBuffer()) };
}

/** What cannot be had, told when it is read: a folder, or a file that is gone already. */
function toUnreadable(path: string, error: unknown): DroppedFile {
  return { path, sizeBytes: 0, read: () => Promise.reject(error) };
}
