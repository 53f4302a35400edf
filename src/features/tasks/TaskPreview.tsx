import { type HarnessTask, type TaskDocument, toPrompt } from '../../core/harness/task.ts';
import { moveTrailingSpace } from '../../core/harness/white-space.ts';
import { Icon } from '../../ui/Icon.tsx';
import styles from './TasksPanel.module.css';
import { WhiteSpace } from './WhiteSpace.tsx';

/** Documents that are shown: the first ones tell how all are made. */
const SHOWN = 3;

/** The first prompts of a task exactly as a model reads them, context and continuation told apart, white space in sight. */
export function TaskPreview({ task }: { task: HarnessTask }) {
  return (
    <div className={styles.preview}>
      <p className={styles.note}>
        <span className={styles.given}>Given</span> <span className={styles.scored}>scored</span>; a dot is a blank, ↵ a
        line end, other signs and [U+…] are characters that cannot be seen. What a regime adds, such as a soft prompt,
        stands before the begin token.
      </p>
      <ol className={styles.prompts}>
        {task.documents.slice(0, SHOWN).map((document, i) => (
          <li key={document.id}>
            <PromptText task={task} document={document} label={`Prompt ${i + 1} of ${task.config.task}`} />
          </li>
        ))}
      </ol>
    </div>
  );
}

interface PromptTextProps {
  task: HarnessTask;
  document: TaskDocument;
  label: string;
}

function PromptText({ task, document, label }: PromptTextProps) {
  const { outputType, until } = task.config;
  const prompt = toPrompt(task, document);
  const texts = prompt.continuations.map((continuation) => moveTrailingSpace(prompt.context, continuation));
  const end = outputType === 'generate_until' ? <span className={styles.token}>{until ?? 'end'}</span> : null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={styles.prompt} aria-label={label} tabIndex={0}>
      <p className={styles.text}>
        <span className={styles.token}>begin</span>
        <WhiteSpace text={texts[0]?.[0] ?? ''} />
      </p>
      <ul className={styles.choices}>
        {texts.map(([, rest], choice) => (
          <li key={rest} className={styles.text}>
            <span className={styles.scored}>
              <WhiteSpace text={rest} />
              {end}
            </span>
            {texts.length > 1 && choice === document.gold ? (
              <span className={styles.right}>
                <Icon name="check" /> right
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
