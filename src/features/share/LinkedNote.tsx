import { useEngineStore, useEvaluateStore, useShareStore } from '../../state/hooks.ts';
import type { LinkedRun } from '../../state/share-state.ts';
import { Button } from '../../ui/Button.tsx';
import { formatCount } from '../../ui/format.ts';
import { Icon } from '../../ui/Icon.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './LinkedNote.module.css';

/** How the answers of this browser stand to those of the run that the link told of; nothing without one. */
export function LinkedNote() {
  const linked = useShareStore((state) => state.linked);
  const runLinked = useShareStore((state) => state.runLinked);
  const forgetLinked = useShareStore((state) => state.forgetLinked);
  const isRunning = useEvaluateStore((state) => state.accuracyRun.status === 'running');
  const isStarting = useEngineStore(({ engine }) => engine.status === 'loading' || engine.status === 'restarting');
  if (linked === null) return null;
  const { comparison } = linked;
  const canRun = comparison.status === 'unmeasured' || comparison.status === 'partial';
  return (
    <section className={styles.note} aria-label="The linked run">
      <p className={comparison.status === 'same' ? styles.same : undefined} role="status">
        {comparison.status === 'same' ? <Icon name="check" /> : null}
        <b>{toVerdict(linked)}</b> {toDetails(linked)}
      </p>
      <div className={styles.buttons}>
        {canRun ? (
          <Button onPress={runLinked} isDisabled={isRunning || isStarting}>
            {isRunning
              ? 'Running'
              : isStarting
                ? 'Starting the model'
                : `Run the same ${formatCount(linked.items)} items`}
          </Button>
        ) : null}
        <Button look="quiet" icon="cross" label="Put away the linked run" onPress={forgetLinked}>
          Put away
        </Button>
      </div>
    </section>
  );
}

function toVerdict({ comparison }: LinkedRun): string {
  switch (comparison.status) {
    case 'same':
      return 'Same as the linked run.';
    case 'differs':
      return 'Not the same as the linked run.';
    case 'unmeasured':
      return 'Nothing measured here yet.';
    case 'partial':
      return `${formatCount(comparison.done)} of ${formatCount(comparison.total)} answers of the linked run measured here.`;
    case 'other-recipe':
      return 'The linked run is of another recipe.';
    case 'other-pack':
      return 'The linked run is of another pack.';
    default:
      return comparison satisfies never;
  }
}

function toDetails(linked: LinkedRun): string {
  const { comparison, digits, device, isOtherDevice, isOtherEngine } = linked;
  const made = [`The linked run has fingerprint ${digits} and was made on ${device}`];
  if (isOtherDevice) made.push('another device than here');
  if (isOtherEngine) made.push('another version of the engine than here');
  const parts: string[] = [];
  if (comparison.status === 'differs') parts.push(comparison.regimes.map(toDifference).join('; '));
  if (comparison.status === 'other-recipe') parts.push(`It is of ${comparison.linkedLabel || 'one without a name'}`);
  if (comparison.status === 'other-pack') parts.push('Its questions or its model are not those of this page');
  return [...parts, made.join(', ')].map((part) => `${part}.`).join(' ');
}

type Differing = Extract<LinkedRun['comparison'], { status: 'differs' }>['regimes'][number];

function toDifference({ key, fold, items, isAtLeast }: Differing): string {
  const twin = fold === null ? '' : ` (trained on fold ${fold})`;
  return `${toRegimeLook(key).label}${twin}: ${isAtLeast ? 'at least ' : ''}${formatCount(items)} ${items === 1 ? 'item' : 'items'}`;
}
