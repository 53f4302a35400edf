import type { RegimeKey } from '../../core/recover/regime.ts';
import { useInsideStore } from '../../state/hooks.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import styles from './InsidePanel.module.css';

/** Which of the captures that a view needs are under way, and why one failed; nothing once all are there. */
export function CaptureStates({ keys }: { keys: readonly RegimeKey[] }) {
  const captures = useInsideStore((state) => state.captures);
  const looked = [...new Set(keys)].flatMap((key) => {
    const found = captures.get(key);
    return found === undefined ? [] : [{ key, found }];
  });
  const failures = looked.flatMap(({ key, found }) => (found.status === 'failed' ? [{ key, error: found.error }] : []));
  const running = looked.filter(({ found }) => found.status === 'running').map(({ key }) => key);
  if (failures.length === 0 && running.length === 0) return null;
  const ready = looked.filter(({ found }) => found.status === 'ready').length;
  return (
    <div className={styles.states}>
      {running.length === 0 ? null : (
        <ProgressMeter
          label={`Looking into ${running.map((key) => toRegimeLook(key).label).join(', ')}`}
          share={ready / looked.length}
          detail={`${ready} of ${looked.length} regimes`}
        />
      )}
      {failures.map(({ key, error }) => (
        <div key={key} className={styles.failure}>
          <h4 className={styles.name}>{toRegimeLook(key).label} could not be looked into</h4>
          <RunFailure error={error} />
        </div>
      ))}
    </div>
  );
}
