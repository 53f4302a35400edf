import { useShareStore, useViewStore } from '../../state/hooks.ts';
import { Button } from '../../ui/Button.tsx';
import { formatDate } from '../../ui/format.ts';
import styles from './SharePanel.module.css';

/** The runs that were brought: which, whose, and the way to look at or remove each. */
export function ImportedList() {
  const imported = useShareStore((state) => state.imported);
  const remove = useShareStore((state) => state.remove);
  const showImported = useViewStore((state) => state.showImported);
  if (imported.length === 0) {
    return (
      <p className={styles.note}>
        Under “Imported”, a run stands beside what was measured here, or else recorded, of its recipe, never among it.
      </p>
    );
  }
  return (
    <ul className={styles.imported} aria-label="Imported runs">
      {imported.map(({ id, fileName, recipeLabel, source }) => (
        <li key={id}>
          <span className={styles.run}>
            <b>{fileName}</b>
            <span>
              {recipeLabel}, {source.device}, {formatDate(source.date)}
              {source.isOtherEngine === true ? ', by another version of the engine' : ''}
            </span>
          </span>
          <Button look="quiet" label={`Show ${fileName}`} onPress={() => showImported(id)}>
            Show
          </Button>
          <Button look="quiet" icon="cross" label={`Remove ${fileName}`} onPress={() => remove(id)}>
            Remove
          </Button>
        </li>
      ))}
    </ul>
  );
}
