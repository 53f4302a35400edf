import { useEngineStore } from '../../state/hooks.ts';
import styles from './DeviceStatus.module.css';
import { toDeviceName } from './device-name.ts';

/** The status line of the header: what runs the model now. */
export function DeviceStatus() {
  const engine = useEngineStore((state) => state.engine);
  switch (engine.status) {
    case 'off':
      return <Line tone="off">recorded results only</Line>;
    case 'loading':
      return <Line tone="busy">loading</Line>;
    case 'restarting':
      return <Line tone="busy">starting again</Line>;
    case 'failed':
      return <Line tone="failed">not running</Line>;
    case 'ready':
      return <Line tone="live">{toDeviceName(engine.device)}</Line>;
    default:
      engine satisfies never;
      return null;
  }
}

function Line({ tone, children }: { tone: 'off' | 'busy' | 'failed' | 'live'; children: string }) {
  return (
    <p className={styles.status} role="status">
      <span className={`${styles.dot} ${styles[tone]}`} aria-hidden="true" />
      <span className="visually-hidden">Device: </span>
      {children}
    </p>
  );
}
