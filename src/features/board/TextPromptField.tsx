import { useId } from 'react';
import { useBoardStore } from '../../state/hooks.ts';
import styles from './Board.module.css';

/** The words that the text-prompt regime puts before every question. */
export function TextPromptField() {
  const id = useId();
  const textPrompt = useBoardStore((state) => state.textPrompt);
  const setTextPrompt = useBoardStore((state) => state.setTextPrompt);
  return (
    <div className={styles.textPrompt}>
      <label htmlFor={id}>Text prompt, put before every question</label>
      <input
        id={id}
        type="text"
        maxLength={300}
        value={textPrompt}
        onChange={(event) => setTextPrompt(event.target.value)}
      />
    </div>
  );
}
