import type { RegimeKey } from '../../core/recover/regime.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';

/** The rows that a headline compares. */
export interface HeadlineRows {
  dense: RegimeRow | null;
  compressed: RegimeRow | null;
  chosen: RegimeRow | null;
  lora: RegimeRow | null;
}

export function toHeadlineRows(results: ResultSet | null, chosen: RegimeKey): HeadlineRows {
  const find = (key: RegimeKey) => results?.rows.find((row) => row.key === key) ?? null;
  return { dense: find('dense'), compressed: find('compressed'), chosen: find(chosen), lora: find('lora-merged') };
}
