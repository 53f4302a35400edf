import { useEngineStore, useEvaluateStore, useShareStore, useTaskStore } from '../../state/hooks.ts';
import type { LinkedRun } from '../../state/share-state.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './LinkedNote.module.css';

type Comparison = LinkedRun['comparison'];
type Part = Extract<Comparison, { status: 'compared' }>['parts'][number];

/** How the answers of this browser stand to those of the run that the link told of; nothing without one. */
export function LinkedNote() {
  const linked = useShareStore((state) => state.linked);
  const forgetLinked = useShareStore((state) => state.forgetLinked);
  if (linked === null) return null;
  const { comparison } = linked;
  const parts = comparison.status === 'compared' ? comparison.parts : [];
  const isOnly = parts.length === 1 && parts[0]?.task === null;
  const isOtherText = comparison.status === 'compared' && comparison.isOtherText;
  const isSame = parts.length > 0 && !isOtherText && parts.every((part) => part.comparison.status === 'same');
  return (
    <section className={styles.note} aria-label="The linked run">
      <p className={isSame ? styles.same : undefined} data-many={parts.length > 1} role="status">
        {isSame ? <Icon name="check" /> : null}
        {comparison.status === 'compared' ? (
          parts.map((part) => (
            <span key={part.task}>
              <b>{toVerdict(part, isOnly)}</b> {toDifferences(part)}
            </span>
          ))
        ) : (
          <b>The linked run is of another {comparison.status === 'other-pack' ? 'pack' : 'recipe'}. </b>
        )}
        <span>{toDetails(linked)}</span>
      </p>
      <div className={styles.buttons}>
        {parts.map((part) => (
          <RunPart key={part.task} part={part} />
        ))}
        <Button look="quiet" icon="cross" label="Put away the linked run" onPress={forgetLinked}>
          Put away
        </Button>
      </div>
    </section>
  );
}

/** Asks what is missing of a part; nothing where all of it is there, or cannot be asked. */
function RunPart({ part: { task, items, comparison } }: { part: Part }) {
  const runLinked = useShareStore((state) => state.runLinked);
  const factsRun = useEvaluateStore((state) => state.accuracyRun.status);
  const taskRun = useTaskStore((state) => state.run.status);
  const isStarting = useEngineStore(({ engine }) => engine.status === 'loading' || engine.status === 'restarting');
  if (comparison.status !== 'unmeasured' && comparison.status !== 'partial') return null;
  const isRunning = (task === null ? factsRun : taskRun) === 'running';
  const what = task === null ? 'items' : `documents of ${task}`;
  return (
    <Button onPress={() => runLinked(task === null ? 'facts' : 'task')} isDisabled={isRunning || isStarting}>
      {isRunning ? 'Running' : isStarting ? 'Starting the model' : `Run the same ${formatCount(items)} ${what}`}
    </Button>
  );
}

/** With `isOnly` the link tells of questions about facts alone, which then go without saying. */
function toVerdict({ task, comparison }: Part, isOnly: boolean): string {
  const answers = isOnly ? 'answers' : task === null ? 'answers about facts' : `answers to the task ${task}`;
  const where = isOnly ? '' : ` in the ${answers}`;
  switch (comparison.status) {
    case 'same':
      return `Same as the linked run${where}.`;
    case 'differs':
      return `Not the same as the linked run${where}.`;
    case 'unmeasured':
      return isOnly ? 'Nothing measured here yet.' : `None of the ${answers} measured here yet.`;
    case 'partial':
      return `${formatCount(comparison.done)} of ${formatCount(comparison.total)} ${answers} of the linked run measured here.`;
    case 'unread':
      return `The ${answers} are not compared before the tasks are read.`;
    case 'missing':
      return `The ${answers} cannot be compared: it is not in this browser, or asked in another way by now. Add the files of one of your own under Tasks.`;
    default:
      return comparison satisfies never;
  }
}

function toDifferences({ task, comparison }: Part): string {
  if (comparison.status !== 'differs') return '';
  const [one, many] = task === null ? ['item', 'items'] : ['document', 'documents'];
  const differences = comparison.regimes.map(({ key, fold, items, isAtLeast }) => {
    const twin = fold === null ? '' : ` (trained on fold ${fold})`;
    return `${toRegimeLook(key).label}${twin}: ${isAtLeast ? 'at least ' : ''}${formatCount(items)} ${items === 1 ? one : many}`;
  });
  return `${differences.join('; ')}. `;
}

function toDetails({ comparison, digits, device, isOtherDevice, isOtherEngine }: LinkedRun): string {
  const made = [`The linked run has fingerprint ${digits} and was made on ${device}`];
  if (isOtherDevice) made.push('another device than here');
  if (isOtherEngine) made.push('another version of the engine than here');
  return [...toReasons(comparison), made.join(', ')].map((part) => `${part}.`).join(' ');
}

function toReasons(comparison: Comparison): readonly string[] {
  switch (comparison.status) {
    case 'other-recipe':
      return [`It is of ${comparison.linkedLabel || 'one without a name'}`];
    case 'other-pack':
      return ['Its questions or its model are not those of this page'];
    case 'compared':
      return comparison.isOtherText ? ['Its text prompt is another one than here, so that regime is not compared'] : [];
    default:
      return comparison satisfies never;
  }
}
