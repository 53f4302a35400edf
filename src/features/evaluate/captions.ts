import type { Estimate, RegimeRow, ResultSource } from '../../state/results.ts';
import { formatCount, formatDate } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** `200 items`, `120 to 200 items`, `no items yet`: the smallest and largest n among what is drawn. */
export function toCountText(estimates: readonly (Pick<Estimate, 'n'> | null)[], unit: string): string {
  const counts = estimates.flatMap((estimate) => (estimate === null ? [] : [estimate.n]));
  if (counts.length === 0) return `no ${unit} yet`;
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  return least === most ? `${formatCount(most)} ${unit}` : `${formatCount(least)} to ${formatCount(most)} ${unit}`;
}

/** What must be known to read a regime's row; null where nothing is special. */
export function toRowNote({ isTransferred, isOneTwin }: RegimeRow): string | null {
  if (isTransferred) return 'transferred';
  return isOneTwin ? 'one twin so far' : null;
}

/** Which of the rows drawn have repairs that were trained for another recipe, as a sentence; empty where none has. */
export function toTransferText(rows: readonly RegimeRow[]): string {
  const names = rows.filter(({ isTransferred }) => isTransferred).map(({ key }) => toRegimeLook(key).label);
  return names.length === 0 ? '' : `Transferred, trained for another recipe: ${names.join(', ')}. `;
}

/** Where and when the figures were made, as a sentence. */
export function toSourceText(source: ResultSource): string {
  const device = `${source.device}${source.isSoftware ? ', a software adapter' : ''}`;
  return source.kind === 'live'
    ? `Measured in this browser on ${device}, ${formatDate(source.date)}.`
    : `Recorded on ${device}, ${formatDate(source.date)}; not measured on your device.`;
}
