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
  kind: 'recorded' | 'live' | 'imported';
  device: string;
  isSoftware: boolean;
  date: string;
  fileName?: string;
}

/** Where and when figures were made, as a sentence. */
export function toSourceText(source: Source): string {
  const device = `${source.device}${source.isSoftware ? ', a software adapter' : ''}`;
  const place = `${device}, ${formatDate(source.date)}`;
  switch (source.kind) {
    case 'live':
      return `Measured in this browser on ${place}.`;
    case 'recorded':
      return `Recorded on ${place}; not measured on your device.`;
    case 'imported':
      return `Imported from ${source.fileName ?? 'a file'}, measured on ${place}; not measured here.`;
    default:
      return source.kind satisfies never;
  }
}
