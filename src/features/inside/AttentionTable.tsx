import { useState } from 'react';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatPoints, formatProbability } from '../../ui/format.ts';
import { SelectField } from '../../ui/SelectField.tsx';
import { type AttentionMap, type AttentionMaps, toKeys } from './attention-maps.ts';
import { toHeatLabel, toTokenText } from './token-words.ts';
import views from './views.module.css';

interface AttentionTableProps {
  maps: AttentionMaps;
  names: { left: string; right: string };
}

/** The figures of one row of the maps at a time: all of them would be thousands. */
export function AttentionTable({ maps, names }: AttentionTableProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const from = (maps.left ?? maps.right)?.rows ?? [];
  const keys = toKeys(from);
  const last = keys.findLast((_, i) => from[i]?.kind === 'token') ?? keys.at(-1);
  const row = chosen !== null && keys.includes(chosen) ? chosen : last;
  if (row === undefined) return <p className={views.state}>Nothing was looked into yet.</p>;
  const read = [maps.left, maps.right, maps.difference].map((map) => toCells(map, row));
  const columns = new Map(read.flatMap((cells) => [...cells].map(([key, { name }]) => [key, name] as const)));
  const options = keys.map((key, i) => {
    const token = from[i];
    return { value: key, label: `${i + 1}: ${token === undefined ? '' : toTokenText(token)}` };
  });
  const toText = (map: number, key: string, format: (value: number | null) => string) =>
    format(read[map]?.get(key)?.value ?? null);
  return (
    <div className={views.run}>
      <SelectField label="From token" groups={[{ label: 'Rows', options }]} value={row} onChange={setChosen} />
      <DataTable
        caption="Attention of one token"
        columns={['To', 'Part', `${names.left} (left)`, `${names.right} (right)`, 'Right minus left, prompt left out']}
        rows={[...columns].map(([key, { text, group = '' }]) => ({
          key,
          cells: [
            text,
            group,
            toText(0, key, formatProbability),
            toText(1, key, formatProbability),
            toText(2, key, formatPoints),
          ],
        }))}
        isLong
      />
    </div>
  );
}

/** The row's values by column. */
function toCells(map: AttentionMap | null, row: string) {
  const at = map === null ? -1 : toKeys(map.rows).indexOf(row);
  const keys = toKeys(map?.columns ?? []);
  return new Map(
    keys.flatMap((key, i) => {
      const token = map?.columns[i];
      if (token === undefined || at < 0) return [];
      return [[key, { name: toHeatLabel(token), value: map?.values[at]?.[i] ?? Number.NaN }] as const];
    }),
  );
}
