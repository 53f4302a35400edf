import { useId } from 'react';
import type { TaskEntry } from '../../state/task-state.ts';
import { Button } from '../../ui/Button.tsx';
import styles from './TasksPanel.module.css';
import { FAMILIES, type Family, OWN_FAMILY, toDocumentsText, toFamilyId, toTaskWords } from './task-words.ts';

interface TaskListProps {
  entries: readonly TaskEntry[];
  chosen: TaskEntry | null;
  onChoose: (entry: TaskEntry) => void;
}

/** All tasks by family; a task of a pack that names no family comes under `Other`. */
export function TaskList({ entries, chosen, onChoose }: TaskListProps) {
  const known = [
    ...FAMILIES,
    { id: 'other', label: 'Other', meaning: 'Of no family that this page knows.' },
    OWN_FAMILY,
  ];
  return (
    <div className={styles.families}>
      {known.map((family) => {
        const own = entries.filter((entry) => toFamilyId(entry) === family.id);
        if (own.length === 0) return null;
        return <FamilyList key={family.id} family={family} entries={own} chosen={chosen} onChoose={onChoose} />;
      })}
    </div>
  );
}

function FamilyList({ family, entries, chosen, onChoose }: TaskListProps & { family: Family }) {
  const id = useId();
  return (
    <section className={styles.family} aria-labelledby={id}>
      <h3 id={id} className={styles.familyName}>
        {family.label}
      </h3>
      <p className={styles.note}>{family.meaning}</p>
      <ul className={styles.tasks}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <Button look="row" isPressed={entry.id === chosen?.id} onPress={() => onChoose(entry)}>
              {toTaskWords(entry).title}
              <span className={styles.count}>{toDocumentsText(entry.task)}</span>
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
