import { formatCount, formatDate } from './format.ts';

/** `200 items`, `120 to 200 items`, `no items yet`: the smallest and largest n among what is drawn. */
export function toCountText(estimates: readonly ({ n: number } | null)[], unit: string): string {
  const counts = estimates.flatMap((estimate) => (estimate === null ? [] : [estimate.n]));
  if (counts.length === 0) return `no ${unit} yet`;
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  return least === most ? `${formatCount(most)} ${unit}` : `${formatCount(least)} to ${formatCount(most)} ${unit}`;
}

interface Source {
  kind: 'recorded' | 'live';
  device: string;
  isSoftware: boolean;
  date: string;
}

/** Where and when figures were made, as a sentence. */
export function toSourceText(source: Source): string {
  const device = `${source.device}${source.isSoftware ? ', a software adapter' : ''}`;
  return source.kind === 'live'
    ? `Measured in this browser on ${device}, ${formatDate(source.date)}.`
    : `Recorded on ${device}, ${formatDate(source.date)}; not measured on your device.`;
}
