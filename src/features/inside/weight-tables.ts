import type { MatrixReport } from '../../core/inside/capture.ts';
import {
  countFilledZeros,
  toZeroMap,
  type WeightCounts,
  type WeightHistograms,
} from '../../core/inside/matrix-figures.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import type { MatrixStageId } from '../../state/inside-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { formatCount, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import type { PatternWindow } from './pattern-window.ts';
import { formatEdge, formatWeight, toChange } from './weight-words.ts';

type Matrix = MatrixReport['before'];

/** One state of the matrix in the order of the recipe: as trained, compressed, with what a LoRA adds. */
export interface MatrixStage {
  id: MatrixStageId;
  name: string;
  color: string;
  matrix: Matrix;
}

/** The stages that a report has. */
export function toStages({ before, after, lora }: MatrixReport, regime: RegimeKey): readonly MatrixStage[] {
  const { label, color } = toRegimeLook(regime);
  const stages: MatrixStage[] = [
    { id: 'before', name: 'Dense', color: toRegimeLook('dense').color, matrix: before },
    { id: 'after', name: 'Compressed', color: toRegimeLook('compressed').color, matrix: after },
  ];
  if (lora === null) return stages;
  return [...stages, { id: 'merged', name: label, color, matrix: { shape: after.shape, weight: lora.merged } }];
}

/** The stage that is shown: one that the matrix has not gives way to the last. */
export function findStage(stages: readonly MatrixStage[], wanted: MatrixStageId): MatrixStage | null {
  return stages.find(({ id }) => id === wanted) ?? stages.at(-1) ?? null;
}

/** What a file of one matrix is called, and when it was read. */
export interface MatrixFile {
  pack: string;
  module: string;
  regime: RegimeKey;
  date: string | null;
}

function toFile({ pack, module, regime, date }: MatrixFile, figure: string) {
  return { pack, measure: `${figure}-${regime}-${module.replaceAll('.', '-')}`, date };
}

/** Weights that are no number: they are in no bin, and no zeros. */
export function countMissing({ counts, zeros, total }: WeightCounts): number {
  return total - zeros - counts.reduce((sum, count) => sum + count, 0);
}

export function toHistogramColumns(stages: readonly MatrixStage[]): readonly string[] {
  return ['Weights', ...stages.map(({ name }) => name)];
}

/** A row for the zeros, then one per bin. */
export function toHistogramRows(histograms: WeightHistograms, stages: readonly MatrixStage[]) {
  const columns = stages.map(({ id }) => histograms[id]);
  const toCells = (read: (counts: WeightCounts) => number) =>
    columns.map((counts) => formatCount(counts === null ? null : read(counts)));
  const bins = Array.from({ length: histograms.edges.length - 1 }, (_, bin) => ({
    key: String(bin),
    cells: [toBinText(histograms, bin), ...toCells(({ counts }) => counts[bin] ?? 0)],
  }));
  return [{ key: 'zeros', cells: ['exactly 0', ...toCells(({ zeros }) => zeros)] }, ...bins];
}

function toBinText({ edges }: WeightHistograms, bin: number): string {
  return `${formatEdge(edges[bin] ?? 0)} to ${formatEdge(edges[bin + 1] ?? 0)}`;
}

export function toHistogramExport(
  file: MatrixFile,
  histograms: WeightHistograms,
  stages: readonly MatrixStage[],
): FigureExport {
  const columns = stages.map(({ id }) => histograms[id]);
  const toCells = (read: (counts: WeightCounts) => number) =>
    columns.map((each) => (each === null ? null : read(each)));
  const { edges } = histograms;
  const bins = Array.from({ length: edges.length - 1 }, (_, bin) => [
    edges[bin] ?? null,
    edges[bin + 1] ?? null,
    ...toCells(({ counts }) => counts[bin] ?? 0),
  ]);
  return {
    ...toFile(file, 'weights'),
    columns: [{ name: 'from' }, { name: 'to' }, ...stages.map(({ name }) => ({ name, unit: 'weights' }))],
    rows: [[0, 0, ...toCells(({ zeros }) => zeros)], ...bins],
  };
}

/** Zeros of every output's row of a window, `[rows]`. */
function countByRow(matrix: Matrix, window: PatternWindow): readonly number[] {
  const { shares } = toZeroMap(matrix, window, { rows: window.rows, columns: 1 });
  return Array.from(shares, (share) => Math.round(share * window.columns));
}

/** The table twin of a pattern: the weights themselves where each can be read, else the zeros of every row. */
export function toPatternTable(matrix: Matrix, window: PatternWindow, isClosest: boolean) {
  const columns = Array.from({ length: window.columns }, (_, i) => window.column + i);
  if (!isClosest) {
    return {
      columns: ['Output', 'Zeros', 'Share of its inputs in sight'],
      rows: countByRow(matrix, window).map((zeros, i) => ({
        key: String(i),
        cells: [formatCount(window.row + i + 1), formatCount(zeros), formatShare(zeros / window.columns)],
      })),
    };
  }
  const [, inputs] = matrix.shape;
  return {
    columns: ['Output', ...columns.map((column) => `Input ${column + 1}`)],
    rows: Array.from({ length: window.rows }, (_, i) => {
      const row = window.row + i;
      const weights = columns.map((column) => formatWeight(matrix.weight[row * inputs + column] ?? Number.NaN));
      return { key: String(row), cells: [formatCount(row + 1), ...weights] };
    }),
  };
}

/** What is in sight, at every stage: single weights where each can be read, else every output's zeros and where they are. */
export function toPatternExport(
  file: MatrixFile,
  stages: readonly MatrixStage[],
  window: PatternWindow,
  isClosest: boolean,
): FigureExport {
  const outputs = Array.from({ length: window.rows }, (_, i) => window.row + i);
  const inputs = Array.from({ length: window.columns }, (_, i) => window.column + i);
  if (isClosest) {
    return {
      ...toFile(file, 'single-weights'),
      columns: [{ name: 'output' }, { name: 'input' }, ...stages.map(({ name }) => ({ name, unit: 'weight' }))],
      rows: outputs.flatMap((row) =>
        inputs.map((column) => [row + 1, column + 1, ...stages.map(({ matrix }) => readWeight(matrix, row, column))]),
      ),
    };
  }
  return {
    ...toFile(file, 'pattern'),
    columns: [
      { name: 'output' },
      { name: 'first input' },
      { name: 'last input' },
      ...stages.flatMap(({ name }) => [{ name: `${name}, zeros` }, { name: `${name}, pattern (. is 0)` }]),
    ],
    rows: outputs.map((row) => [
      row + 1,
      window.column + 1,
      window.column + window.columns,
      ...stages.flatMap(({ matrix }) => {
        const weights = inputs.flatMap((column) => readWeight(matrix, row, column) ?? []);
        if (weights.length === 0) return [null, null];
        const pattern = weights.map((weight) => (weight === 0 ? '.' : '#')).join('');
        return [weights.filter((weight) => weight === 0).length, pattern];
      }),
    ]),
  };
}

/** Null outside of a matrix, which may have lost rows or columns. */
function readWeight({ shape: [outputs, inputs], weight }: Matrix, row: number, column: number): number | null {
  return row < outputs && column < inputs ? (weight[row * inputs + column] ?? null) : null;
}

export const SINGULAR_COLUMNS = ['Singular value', 'Size', 'Share of the squared norm'];

/** Each value's part of the change: squares of singular values add up to the squared Frobenius norm. */
export function toSquaredShares(values: Float32Array): readonly number[] {
  const whole = values.reduce((sum, value) => sum + value ** 2, 0);
  return Array.from(values, (value) => value ** 2 / whole);
}

export function toSingularRows(values: Float32Array) {
  const shares = toSquaredShares(values);
  return Array.from(values, (value, i) => ({
    key: String(i),
    cells: [`σ${i + 1}`, formatWeight(value), formatShare(shares[i] ?? null)],
  }));
}

/** Every singular value, each row with the size of the whole change and what becomes of the recipe's zeros; null without a LoRA. */
export function toSingularExport(file: MatrixFile, report: MatrixReport): FigureExport | null {
  if (report.lora === null) return null;
  const { singularValues } = report.lora;
  const shares = toSquaredShares(singularValues);
  const size = toChange(report);
  const zeros = countFilledZeros(report);
  const ofAll = [size?.change ?? null, size?.matrix ?? null, zeros?.filled ?? null, zeros?.left ?? null];
  return {
    ...toFile(file, 'singular-values'),
    columns: [
      { name: 'rank' },
      { name: 'singular value' },
      { name: 'squared', unit: 'share' },
      { name: 'norm of the change' },
      { name: 'norm of the compressed matrix' },
      { name: 'zeros filled', unit: 'weights' },
      { name: 'zeros left', unit: 'weights' },
    ],
    rows: Array.from(singularValues, (value, i) => [i + 1, value, shares[i] ?? null, ...ofAll]),
  };
}
