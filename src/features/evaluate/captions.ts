import type { RegimeRow } from '../../state/results.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** Which of the rows drawn have repairs that were trained for another recipe, as a sentence; empty where none has. */
export function toTransferText(rows: readonly RegimeRow[]): string {
  const names = rows.filter(({ isTransferred }) => isTransferred).map(({ key }) => toRegimeLook(key).label);
  return names.length === 0 ? '' : `Transferred, trained for another recipe: ${names.join(', ')}. `;
}
