import { formatCount } from '../format.ts';
import styles from './LeftOutNote.module.css';

interface LeftOutNoteProps {
  drawn: number;
  of: number;
  /** What is counted, such as `points`. */
  unit: string;
}

/** Says that a chart has more than a page can draw; nothing where all of it is drawn. */
export function LeftOutNote({ drawn, of, unit }: LeftOutNoteProps) {
  if (drawn >= of) return null;
  return (
    <p className={styles.note}>
      {formatCount(drawn)} of {formatCount(of)} {unit} are drawn: more than a page can show. The figure’s files have
      all.
    </p>
  );
}
