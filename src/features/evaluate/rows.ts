import type { RegimeKey } from '../../core/recover/regime.ts';
import type { RegimeRow, ResultSet } from '../../state/results.ts';

/** The rows of these regimes in this order; one without figures keeps its line, so that nothing moves when they come. */
export function toRows(results: ResultSet | null, keys: readonly RegimeKey[]): readonly RegimeRow[] {
  return keys.map((key) => results?.rows.find((row) => row.key === key) ?? toEmptyRow(key));
}

function toEmptyRow(key: RegimeKey): RegimeRow {
  const accuracy = { all: null, seen: null, heldOut: null, control: null };
  return { key, isTransferred: false, isOneTwin: false, accuracy, recovered: null, latency: null, size: null };
}
