import { isSameRecipe } from '../../core/compress/recipe-key.ts';
import { useRecipeStore, useShareStore, useTaskBesideStore } from '../../state/hooks.ts';
import type { BesidePhase, BesideRun } from '../../state/task-beside-state.ts';
import { Button } from '../../ui/Button.tsx';
import { formatDate } from '../../ui/format.ts';
import { ErrorNotice, Notice } from '../../ui/Notice.tsx';
import { SelectField } from '../../ui/SelectField.tsx';
import { StopButton } from '../../ui/StopButton.tsx';
import styles from './TasksPanel.module.css';

/** Which run that was brought stands beside the task, and what is missing to draw others; nothing where none answered a task. */
export function BesideRuns({ hasLive }: { hasLive: boolean }) {
  const runs = useTaskBesideStore((state) => state.runs);
  const missing = useTaskBesideStore((state) => state.missing);
  const pickedId = useTaskBesideStore((state) => state.pickedId);
  const beside = useTaskBesideStore((state) => state.beside);
  const pick = useTaskBesideStore((state) => state.pick);
  if (runs.length === 0 && missing.length === 0) return null;
  const drawnId = beside.status === 'ready' ? beside.of.run.id : null;
  const chosen = runs.find(({ id }) => id === (pickedId ?? drawnId)) ?? runs.at(-1);
  return (
    <section className={styles.brought} aria-label="Imported runs of tasks">
      {chosen === undefined ? null : (
        <>
          {runs.length < 2 ? null : (
            <SelectField
              label="Imported run"
              groups={[{ label: 'Answered this task', options: runs.map((run) => toOption(run)) }]}
              value={chosen.id}
              onChange={pick}
            />
          )}
          <RunNote run={chosen} hasLive={hasLive} />
          <PhaseNote phase={beside} onAgain={() => pick(chosen.id)} />
        </>
      )}
      {missing.map(({ fileName, name }) => (
        <Notice key={`${fileName} ${name}`} tone="plain">
          <p>
            <b>{fileName}</b> answered <b>{name}</b>, a task of somebody’s own that is not in this browser. Add it
            first, out of the same files, under “A task of your own” below; its answers are kept until then.
          </p>
        </Notice>
      ))}
    </section>
  );
}

function toOption({ id, source, recipeLabel }: BesideRun) {
  return { value: id, label: `${source.fileName ?? 'a file'}, ${recipeLabel}, ${formatDate(source.date)}` };
}

/** Whose figures they are, and why they are not compared with those of the page where they are not. */
function RunNote({ run, hasLive }: { run: BesideRun; hasLive: boolean }) {
  const isOnPage = useRecipeStore((state) => isSameRecipe(state.recipe, run.recipe));
  return (
    <p className={styles.whose}>
      Imported: <b>{run.source.fileName ?? 'a file'}</b>, {run.recipeLabel}, {run.source.device},{' '}
      {formatDate(run.source.date)}.{' '}
      {isOnPage
        ? hasLive
          ? 'It stands beside what was measured here, on the same axes, and each figure says whose it is.'
          : 'What you measure of this task comes beside it.'
        : 'It is of another recipe than the one on the page, so its regimes are not compared with those measured here.'}
    </p>
  );
}

function PhaseNote({ phase, onAgain }: { phase: BesidePhase; onAgain: () => void }) {
  const isReading = useShareStore((state) => state.phase.status === 'reading');
  const stopReading = useShareStore((state) => state.stopReading);
  switch (phase.status) {
    case 'none':
    case 'ready':
      return null;
    case 'loading':
      return (
        <div className={styles.buttons}>
          <span className={styles.state} role="status">
            Reading what the imported run answered.
          </span>
          {isReading ? <StopButton onPress={stopReading} /> : null}
        </div>
      );
    case 'failed':
      return <ErrorNotice error={phase.error} actions={<Button onPress={onAgain}>Read it again</Button>} />;
    default:
      return phase satisfies never;
  }
}
