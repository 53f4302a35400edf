import type { LoadProgress } from '../../state/results.ts';
import { formatBytes } from '../../ui/format.ts';

const PHASES: Readonly<Record<LoadProgress['phase'], string>> = {
  downloading: 'Loading',
  compiling: 'Compiling shaders',
  checking: "Comparing with PyTorch's logits",
  ready: 'Ready',
};

/** A step of loading in words and figures; the share is known only where the manifest says the bytes. */
export function toProgressText(progress: LoadProgress): { label: string; detail: string | null; share: number | null } {
  const phase = PHASES[progress.phase];
  const joint = progress.phase === 'downloading' ? ' ' : ': ';
  const label = progress.label === '' ? phase : `${phase}${joint}${progress.label}`;
  if (progress.totalBytes <= 0) return { label, detail: null, share: progress.phase === 'ready' ? 1 : null };
  const share = progress.loadedBytes / progress.totalBytes;
  return {
    label,
    detail: `${formatBytes(progress.loadedBytes)} of ${formatBytes(progress.totalBytes)}, ${Math.floor(share * 100)}\u00a0%`,
    share,
  };
}
