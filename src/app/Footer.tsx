import styles from './App.module.css';

/** What the page keeps to itself and where its claims come from. */
export function Footer() {
  return (
    <footer className={styles.footer}>
      <p>
        Everything runs in this page; nothing you type leaves it. The question is that of Hoang, Cho, Merth, Rastegari
        and Wang, “Do Compressed LLMs Forget Knowledge?”, arXiv{'\u00a0'}2310.00867. The figures are of the model on
        this page, not of theirs.
      </p>
    </footer>
  );
}
