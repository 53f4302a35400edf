import type { ExportCell, ExportColumn } from './charts/figure-export.ts';

/** Where figures come from, as tables in files say it. */
export interface TableSource {
  kind: 'recorded' | 'live' | 'imported';
  device: string;
  deviceKind: 'webgpu' | 'wasm';
  isSoftware: boolean;
  /** ISO 8601. */
  date: string;
  fileName?: string;
}

/** The last columns of a table, in the order of `toSourceCells`. */
export const SOURCE_COLUMNS: readonly ExportColumn[] = [
  { name: 'source' },
  { name: 'device' },
  { name: 'runs on' },
  { name: 'is software' },
  { name: 'date' },
  { name: 'file' },
];

export function toSourceCells(source: TableSource): readonly ExportCell[] {
  const { kind, device, deviceKind, isSoftware, date, fileName } = source;
  return [kind, device, deviceKind, isSoftware, date, fileName ?? null];
}
