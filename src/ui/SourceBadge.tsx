import { formatDate } from './format.ts';
import styles from './SourceBadge.module.css';

interface SourceBadgeProps {
  source: {
    kind: 'recorded' | 'live';
    device: string;
    deviceKind: 'webgpu' | 'wasm';
    isSoftware: boolean;
    date: string;
  };
}

/** Says of every figure whether it was recorded by us or measured in this browser, now or on an earlier visit, on which device and when. */
export function SourceBadge({ source }: SourceBadgeProps) {
  const device = toShortDevice(source);
  return source.kind === 'live' ? (
    <span className={`${styles.badge} ${styles.live}`}>
      measured here on {device}, {formatDate(source.date)}
    </span>
  ) : (
    <span className={styles.badge}>
      recorded on {device}, {formatDate(source.date)}
    </span>
  );
}

/** The device's name without its details, which stand in the caption, and what it ran. */
function toShortDevice({ device, deviceKind, isSoftware }: SourceBadgeProps['source']): string {
  const name = device.split(', ')[0] ?? device;
  const kind = deviceKind === 'wasm' ? 'wasm' : 'WebGPU';
  const what = name.includes(kind) ? name : `${name} (${kind})`;
  return isSoftware ? `${what}, software` : what;
}
