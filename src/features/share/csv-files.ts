import { type FigureExport, toCsv, toFileName } from '../../ui/charts/figure-export.ts';

/** Tables as files, one each. */
export function toCsvFiles(tables: readonly FigureExport[]): readonly { path: string; content: string }[] {
  return tables.map((table) => ({ path: toFileName(table, 'csv'), content: toCsv(table) }));
}
