import type { Estimate } from '../../state/results.ts';
import type { CellFamily, SensitivityCell, SweepResults } from '../../state/sweep-state.ts';
import type { CellMeasure } from '../../state/view-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import type { HeatCell } from '../../ui/charts/HeatMap.tsx';
import { formatCount, formatInterval, formatShare } from '../../ui/format.ts';
import { toSensitivities } from '../../ui/sensitivity-table.ts';
import { toCellDetail } from './cell-words.ts';

export interface SensitivityMeasure {
  id: CellMeasure;
  label: string;
  /** What dark cells mean. */
  meaning: string;
  read: (cell: SensitivityCell) => Estimate | null;
  /** Short, for a cell; with its unit, for a sentence. */
  format: (value: number) => string;
  formatLong: (value: number) => string;
  /** Whether the larger value is the greater damage. */
  isDamage: boolean;
}

export const SENSITIVITY_MEASURES: readonly SensitivityMeasure[] = [
  {
    id: 'klDivergence',
    label: 'KL divergence',
    meaning: 'KL(dense || compressed), nat',
    read: (cell) => cell.klDivergence,
    format: formatDivergence,
    formatLong: (value) => `${formatDivergence(value)}\u00a0nat`,
    isDamage: true,
  },
  {
    id: 'accuracy',
    label: 'Accuracy',
    meaning: 'exact match, %',
    read: (cell) => cell.accuracy,
    format: (value) => (value * 100).toFixed(1),
    formatLong: formatShare,
    isDamage: false,
  },
];

/** What is smaller has no room in a cell, nor any meaning. */
const LEAST_DIVERGENCE = 0.00001;

/** Nats in the width of a cell. */
function formatDivergence(value: number): string {
  if (value > 0 && value < LEAST_DIVERGENCE) return `<${LEAST_DIVERGENCE.toFixed(5)}`;
  return value === 0 || value >= 1 ? value.toFixed(2) : value.toPrecision(2);
}

export interface SensitivityMap {
  columns: readonly string[];
  rows: readonly { name: string; cells: readonly HeatCell[] }[];
  least: string;
  most: string;
}

/** Names within a layer as people read them: `up_proj`, and `all` for all that the recipe changes of it. */
export function toMatrixLabel(matrix: string): string {
  return matrix === 'all' ? 'whole layer' : matrix.slice(matrix.lastIndexOf('.') + 1);
}

/**
 * Layers down, matrices across and the whole layer behind them. Shades span the single matrices, strongest where the damage is
 * greatest; seven matrices together do many times the harm of one, and would leave no shade for the others. Where whole units go there are only layers.
 */
export function toSensitivityMap(
  cells: readonly SensitivityCell[],
  measure: SensitivityMeasure,
  family: CellFamily | null,
): SensitivityMap {
  const isWhole = (matrix: string) => matrix === 'all';
  const matrices = [...new Set(cells.map(({ matrix }) => matrix))].sort(
    (one, other) => Number(isWhole(one)) - Number(isWhole(other)),
  );
  const layers = [...new Set(cells.map(({ layer }) => layer))].sort((one, other) => one - other);
  const single = cells.filter(({ matrix }) => !isWhole(matrix));
  const shaded = single.length === 0 ? cells : single;
  const values = shaded.flatMap((cell) => measure.read(cell)?.value ?? []).filter(Number.isFinite);
  const low = measure.isDamage ? 0 : Math.min(1, ...values);
  const high = measure.isDamage ? Math.max(0, ...values) : 1;
  const toShare = (value: number) => {
    if (high <= low) return 0;
    return measure.isDamage ? (value - low) / (high - low) : (high - value) / (high - low);
  };
  const toCell = (layer: number, matrix: string): HeatCell => {
    const index = cells.findIndex((each) => each.layer === layer && each.matrix === matrix);
    const cell = cells[index];
    const place = `Layer ${layer}, ${toMatrixLabel(matrix)}`;
    const estimate = cell === undefined ? null : measure.read(cell);
    if (estimate === null) return { share: null, text: '–', description: `${place}: not measured` };
    const { formatLong } = measure;
    const tested = toCellDetail(family, index);
    return {
      share: toShare(estimate.value),
      text: measure.format(estimate.value),
      description: `${place}: ${formatLong(estimate.value)}, 95\u00a0% interval ${formatInterval(estimate, formatLong)}, ${formatCount(estimate.n)}\u00a0items${tested === null ? '' : `; ${tested}`}`,
    };
  };
  return {
    columns: matrices.map(toMatrixLabel),
    rows: layers.map((layer) => ({ name: `Layer ${layer}`, cells: matrices.map((matrix) => toCell(layer, matrix)) })),
    least: measure.formatLong(measure.isDamage ? low : high),
    most: measure.isDamage ? `${measure.formatLong(high)} and more` : `${measure.formatLong(low)} and less`,
  };
}

export function toSensitivityExport(pack: string, results: SweepResults | null): FigureExport {
  return { ...toSensitivities(pack, results === null ? [] : [results]), date: results?.source.date ?? null };
}
