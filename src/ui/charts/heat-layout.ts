/** A row or a column of a heat map. */
export interface HeatLabel {
  text: string;
  /** Neighbours of one group stand together, apart from the next under a heading of this name; empty for no heading. */
  group?: string;
}

/** One row or column as it is drawn, in pixels from the first one's edge. */
interface HeatBand {
  start: number;
  size: number;
  /** The label, cut to its room. */
  label: string;
}

/** Where everything of a heat map lies, in CSS pixels. */
export interface HeatLayout {
  rows: readonly HeatBand[];
  columns: readonly HeatBand[];
  /** Headings over groups of columns. */
  groups: readonly { text: string; start: number; size: number }[];
  /** Column labels stand upright rather than level. */
  isUpright: boolean;
  /** Room of row labels, of column labels and of headings. */
  rowLabels: number;
  columnLabels: number;
  headings: number;
  /** Of the cells alone; they may be wider than the room there is, and scroll then. */
  width: number;
  height: number;
  rem: number;
}

export interface HeatCellPlace {
  row: number;
  column: number;
}

/** In rem. */
const LEAST_PITCH = 0.6875;
const MOST_PITCH = 5.5;
const MOST_ROW = 1.5;
/** A map with many rows is no higher than a window. */
const MOST_HEIGHT = 24;
const GROUP_GAP = 0.625;
/** The widest letters of the label's size; what is cut can be pointed at. */
const LETTER = 0.4375;
const LINE = 0.75;
const PADDING = 0.375;
const MOST_ROW_LETTERS = 18;
const MOST_COLUMN_LETTERS = 14;

/** Where rows, columns, labels and headings lie in `width` pixels; cells never become narrower than a line of their labels. */
export function toHeatLayout(
  rows: readonly HeatLabel[],
  columns: readonly HeatLabel[],
  width: number,
  rem: number,
): HeatLayout {
  const columnLetters = Math.min(MOST_COLUMN_LETTERS, toMostLetters(columns));
  const rowLabels = Math.ceil(toRowRoom(rows) * rem);
  const pitch = toPitch(columns, width - rowLabels, rem);
  const rowPitch = clamp(Math.min(pitch, (MOST_HEIGHT * rem) / rows.length), LINE * rem, MOST_ROW * rem);
  const isUpright = (columnLetters * LETTER + PADDING) * rem > pitch;
  const columnBands = toBands(columns, { size: pitch, letters: MOST_COLUMN_LETTERS, rem, hasHeadings: true });
  const groups = toGroups(columns, columnBands, rem);
  const rowBands = toBands(rows, { size: rowPitch, letters: MOST_ROW_LETTERS, rem, hasHeadings: false });
  return {
    rows: rowBands,
    columns: columnBands,
    groups,
    isUpright,
    rowLabels,
    columnLabels: Math.ceil(((isUpright ? columnLetters * LETTER : LINE) + PADDING) * rem),
    headings: columns.some(({ group }) => group) ? Math.ceil((LINE + PADDING) * rem) : 0,
    width: Math.max(toEnd(columnBands), toEnd(groups)),
    height: toEnd(rowBands),
    rem,
  };
}

/** The cell under a point of the cells' area; in a gap, the nearest before it. Null outside. */
export function heatCellAt({ rows, columns }: HeatLayout, x: number, y: number): HeatCellPlace | null {
  const row = rows.findLastIndex(({ start }) => y >= start);
  const column = columns.findLastIndex(({ start }) => x >= start);
  return row < 0 || column < 0 ? null : { row, column };
}

/** The cell that a key leads to: arrows to the neighbours, Home and End along the row, Page Up and Down along the column. */
export function heatCellAfterKey({ rows, columns }: HeatLayout, { row, column }: HeatCellPlace, key: string) {
  const toRow = (to: number) => ({ row: clamp(to, 0, rows.length - 1), column });
  const toColumn = (to: number) => ({ row, column: clamp(to, 0, columns.length - 1) });
  switch (key) {
    case 'ArrowRight':
      return toColumn(column + 1);
    case 'ArrowLeft':
      return toColumn(column - 1);
    case 'ArrowDown':
      return toRow(row + 1);
    case 'ArrowUp':
      return toRow(row - 1);
    case 'Home':
      return toColumn(0);
    case 'End':
      return toColumn(columns.length - 1);
    case 'PageUp':
      return toRow(0);
    case 'PageDown':
      return toRow(rows.length - 1);
    default:
      return null;
  }
}

/** Least width in rem at which a map of so many columns is not scrolled: what stands side by side is as wide. */
export function toLeastWidth(rows: readonly HeatLabel[], columns: readonly HeatLabel[]): number {
  const groups = toRuns(columns).reduce(
    (sum, { text, count }) => sum + Math.max(count * LEAST_PITCH, toHeadingWidth(text, 1)) + GROUP_GAP,
    0,
  );
  return toRowRoom(rows) + groups;
}

/** Room of the row labels in rem. */
function toRowRoom(rows: readonly HeatLabel[]): number {
  return Math.min(MOST_ROW_LETTERS, toMostLetters(rows)) * LETTER + PADDING;
}

function toMostLetters(labels: readonly HeatLabel[]): number {
  return labels.reduce((most, { text }) => Math.max(most, [...text].length), 0);
}

function toRuns(labels: readonly HeatLabel[]): readonly { text: string; first: number; count: number }[] {
  const runs: { text: string; first: number; count: number }[] = [];
  for (const [i, { group = '' }] of labels.entries()) {
    const last = runs.at(-1);
    if (last?.text === group) last.count += 1;
    else runs.push({ text: group, first: i, count: 1 });
  }
  return runs;
}

interface BandOptions {
  size: number;
  letters: number;
  rem: number;
  hasHeadings: boolean;
}

/** A group is as wide as its heading at least. */
function toBands(labels: readonly HeatLabel[], { size, letters, rem, hasHeadings }: BandOptions): readonly HeatBand[] {
  let from = 0;
  return toRuns(labels).flatMap(({ text: group, first, count }) => {
    const start = from;
    const heading = hasHeadings ? toHeadingWidth(group, rem) : 0;
    from += Math.max(size * count, heading) + GROUP_GAP * rem;
    return labels
      .slice(first, first + count)
      .map(({ text }, i) => ({ start: start + i * size, size, label: cut(text, letters) }));
  });
}

/** A heading is as wide as its group, and its words at least. */
function toGroups(labels: readonly HeatLabel[], bands: readonly HeatBand[], rem: number): HeatLayout['groups'] {
  return toRuns(labels).flatMap(({ text, first, count }) => {
    const band = bands[first];
    if (text === '' || band === undefined) return [];
    return [{ text, start: band.start, size: Math.max(band.size * count, toHeadingWidth(text, rem)) }];
  });
}

/** What is left of `width` once every group has the room of its heading and its gap, shared evenly. */
function toPitch(columns: readonly HeatLabel[], width: number, rem: number): number {
  const runs = toRuns(columns);
  const room = width - (runs.length - 1) * GROUP_GAP * rem;
  const isNarrow = ({ text, count }: { text: string; count: number }, pitch: number) =>
    toHeadingWidth(text, rem) > pitch * count;
  let pitch = room / Math.max(1, columns.length);
  // Every turn may find another group that is narrower than its heading; they are few.
  for (const _ of runs) {
    const narrow = runs.filter((run) => isNarrow(run, pitch));
    const taken = narrow.reduce((sum, { text }) => sum + toHeadingWidth(text, rem), 0);
    const left = columns.length - narrow.reduce((sum, { count }) => sum + count, 0);
    if (left > 0) pitch = Math.min(pitch, (room - taken) / left);
  }
  return clamp(pitch, LEAST_PITCH * rem, MOST_PITCH * rem);
}

function toHeadingWidth(text: string, rem: number): number {
  return [...text].length * LETTER * rem;
}

function toEnd(bands: readonly { start: number; size: number }[]): number {
  const last = bands.at(-1);
  return last === undefined ? 0 : Math.ceil(last.start + last.size);
}

function cut(text: string, letters: number): string {
  const all = [...text];
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
