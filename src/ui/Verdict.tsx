import { Icon } from './Icon.tsx';
import styles from './Verdict.module.css';

/** Right or wrong: a sign and a word, the colour only beside them. */
export function Verdict({ isRight }: { isRight: boolean }) {
  return (
    <span className={`${styles.verdict} ${isRight ? styles.right : styles.wrong}`}>
      <Icon name={isRight ? 'check' : 'cross'} /> {isRight ? 'right' : 'wrong'}
    </span>
  );
}
