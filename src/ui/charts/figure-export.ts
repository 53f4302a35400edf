/** A column of exported figures; the unit stands in the header, since cells are bare numbers. */
export interface ExportColumn {
  name: string;
  /** Such as `share`, `ms`, `bytes`; none for words and counts of nothing. */
  unit?: string;
}

export type ExportCell = string | number | boolean | null;

/** What leaves the page besides the picture: every figure of a chart, unrounded. */
export interface FigureExport {
  /** Id of the pack, first part of file names. */
  pack: string;
  /** What is charted, in lower case with hyphens: the second part. */
  measure: string;
  /** ISO 8601 date of the newest figure; null where nothing was measured. */
  date: string | null;
  columns: readonly ExportColumn[];
  rows: readonly (readonly ExportCell[])[];
}

/** The columns of an estimate, in the order of `toEstimateCells`. */
export function toEstimateColumns(name: string, unit: string, counted: string): readonly ExportColumn[] {
  return [{ name, unit }, { name: `${name} low`, unit }, { name: `${name} high`, unit }, { name: counted }];
}

/** Value, bounds of the 95 % interval and count. */
export function toEstimateCells(
  estimate: { value: number; low: number | null; high: number | null; n: number } | null,
): readonly ExportCell[] {
  return estimate === null ? [null, null, null, null] : [estimate.value, estimate.low, estimate.high, estimate.n];
}

/** The columns of an estimate over subjects, in the order of `toSubjectCells`. */
export function toSubjectColumns(name: string, unit: string, counted: string): readonly ExportColumn[] {
  return [...toEstimateColumns(name, unit, counted), { name: `${name} subjects` }, { name: `${name} interval by` }];
}

/** The cells of `toEstimateCells`, how many subjects the interval is of, and how it was made. */
export function toSubjectCells(
  estimate: { value: number; low: number; high: number; n: number; subjects?: number; method?: string } | null,
): readonly ExportCell[] {
  return [...toEstimateCells(estimate), estimate?.subjects ?? null, estimate?.method ?? null];
}

/** `atlas_accuracy_2026-11-21.csv`; only letters, digits, dots and hyphens, so that every system takes it. */
export function toFileName({ pack, measure, date }: FigureExport, extension: string): string {
  const parts = [pack, measure, ...(date === null ? [] : [date.slice(0, 10)])];
  return `${parts.map((part) => part.replace(/[^a-zA-Z0-9.-]+/g, '-')).join('_')}.${extension}`;
}

/** RFC 4180, with a header row; a number is written so that reading it gives the same number, what is not finite stays empty. */
export function toCsv({ columns, rows }: FigureExport): string {
  const lines = [columns.map(toHeader), ...rows.map((row) => row.map(toText))];
  return lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('');
}

/** The same figures with what is needed to read them alone. */
export function toJson(figure: FigureExport, title: string, caption: string): string {
  const { pack, measure, date, columns, rows } = figure;
  const records = rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  return `${JSON.stringify({ pack, measure, title, date, caption, columns, rows: records }, null, 1)}\n`;
}

function toHeader({ name, unit }: ExportColumn): string {
  return toHarmless(unit === undefined ? name : `${name} (${unit})`);
}

function toText(cell: ExportCell): string {
  if (typeof cell === 'string') return toHarmless(cell);
  return cell === null || (typeof cell === 'number' && !Number.isFinite(cell)) ? '' : String(cell);
}

/** A text that a spreadsheet would take for a formula is marked as text: labels may come from a stranger's pack, run or task. */
function toHarmless(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
