import { formatCount } from '../../ui/format.ts';
import styles from './TasksPanel.module.css';

/** Characters of a text that are shown: enough to see what a prompt is like. */
const MAX_SHOWN = 600;

/** A text as it is with its white space in sight: blanks with a dot, line ends and tabs with a sign. What is too long is cut, and says so. */
export function WhiteSpace({ text }: { text: string }) {
  const parts = text.slice(0, MAX_SHOWN).matchAll(/[ \n\t]|[^ \n\t]+/g);
  const left = text.length - MAX_SHOWN;
  return (
    <>
      {[...parts].map(({ index, 0: part }) => (
        <Part key={index} text={part} />
      ))}
      {left > 0 ? <span className={styles.sign}> … {formatCount(left)} more characters</span> : null}
    </>
  );
}

const SIGNS: ReadonlyMap<string, string> = new Map([
  ['\n', '↵'],
  ['\t', '→'],
]);

function Part({ text }: { text: string }) {
  if (text === ' ') return <span className={styles.blank}> </span>;
  const sign = SIGNS.get(text);
  if (sign === undefined) return text;
  return (
    <>
      <span className={styles.sign} aria-hidden="true">
        {sign}
      </span>
      {text}
    </>
  );
}
