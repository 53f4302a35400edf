import { formatDate } from './format.ts';
import styles from './SourceBadge.module.css';

interface SourceBadgeProps {
  source: {
    kind: 'recorded' | 'live' | 'imported';
    device: string;
    deviceKind: 'webgpu' | 'wasm';
    isSoftware: boolean;
    date: string;
  };
}

const WORDS = { recorded: 'recorded on', live: 'measured here on', imported: 'imported, measured on' } as const;

/** Says of every figure whether it was recorded by us, measured in this browser, now or on an earlier visit, or brought in; on which device and when. */
export function SourceBadge({ source }: SourceBadgeProps) {
  return (
    <span className={`${styles.badge} ${source.kind === 'live' ? styles.live : ''}`}>
      {WORDS[source.kind]} {toShortDevice(source)}, {formatDate(source.date)}
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
