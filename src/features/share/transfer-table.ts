import type { Comparison } from '../../core/eval/comparisons.ts';
import type { RecordedTransfer, TransferState } from '../../state/transfer-state.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';

/** The columns of a paired comparison, in the order of `toTestCells`. */
function toTestColumns(name: string): readonly ExportColumn[] {
  return [
    ...toSubjectColumns(name, 'share', `${name} items`),
    { name: `${name} p` },
    { name: `${name} p after Holm` },
    { name: `${name} is exploratory` },
    { name: `${name} is decided` },
  ];
}

function toTestCells(comparison: Comparison | null): readonly ExportCell[] {
  if (comparison === null) return [...toSubjectCells(null), null, null, null, null];
  const { difference, items, subjects, p, adjustedP, isExploratory, isDecided } = comparison;
  const estimate = { ...difference, n: items, ...(subjects === null ? {} : { subjects }) };
  return [...toSubjectCells(estimate), p, adjustedP, isExploratory, isDecided];
}

const COLUMNS: readonly ExportColumn[] = [
  { name: 'repair' },
  { name: 'trained for' },
  { name: 'applied to' },
  ...toSubjectColumns('accuracy on held-out facts', 'share', 'items'),
  ...toTestColumns('difference from no repair'),
  ...toTestColumns('difference of IDP from LoRA-merged'),
  ...SOURCE_COLUMNS,
];

/**
 * The transfer matrix and what was measured of it here: a row per cell, and one for every model that cells are held against, dense and without
 * repair. IDP against LoRA-merged stands in the rows of IDP.
 */
export function toTransfer(pack: string, { recorded, live }: Pick<TransferState, 'recorded' | 'live'>): FigureExport {
  const here = [...live].flatMap(([place, cell]) => {
    if (cell.status !== 'done') return [];
    const source = toSourceCells(cell.source);
    const [type = null, from = null, to = null] = place.split(' ');
    return [
      [type, from, to, ...toSubjectCells(cell.accuracy), ...toTestCells(cell.gain), ...toTestCells(null), ...source],
      [NO_REPAIR, null, to, ...toSubjectCells(cell.plain), ...toTestCells(null), ...toTestCells(null), ...source],
    ];
  });
  const ours = recorded.status === 'ready' ? toRecordedRows(recorded.transfer) : [];
  return { pack, measure: 'transfer', date: null, columns: COLUMNS, rows: [...ours, ...here] };
}

const NO_REPAIR = 'none';

function toRecordedRows({
  dense,
  compressed,
  cells,
  contrasts,
  device,
  date,
}: RecordedTransfer): readonly (readonly ExportCell[])[] {
  const source = ['recorded', device, null, null, date, null];
  const untested = [...toTestCells(null), ...toTestCells(null)];
  const references = [
    ['dense', null, null, ...toSubjectCells(dense), ...untested, ...source],
    ...[...compressed].map(([to, accuracy]) => [
      NO_REPAIR,
      null,
      to,
      ...toSubjectCells(accuracy),
      ...untested,
      ...source,
    ]),
  ];
  const repaired = cells.map(({ type, from, to, accuracy, gain }) => {
    const contrast = contrasts.find((each) => type === 'pool-routed' && each.from === from && each.to === to);
    return [
      ...[type, from, to],
      ...toSubjectCells(accuracy),
      ...toTestCells(gain),
      ...toTestCells(contrast?.comparison ?? null),
      ...source,
    ];
  });
  return [...references, ...repaired];
}
