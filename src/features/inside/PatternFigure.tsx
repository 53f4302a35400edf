import { memo, useMemo } from 'react';
import { toZeroMap } from '../../core/inside/matrix-figures.ts';
import { useInsideForm } from '../../state/hooks.ts';
import type { PatternView } from '../../state/inside-state.ts';
import { Button } from '../../ui/Button.tsx';
import { toSourceText } from '../../ui/captions.ts';
import { CanvasHeatMap } from '../../ui/charts/CanvasHeatMap.tsx';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { toMost } from '../../ui/charts/heat-colors.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatShare } from '../../ui/format.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import type { MatrixFigureProps } from './HistogramFigure.tsx';
import { PatternBitmap, toPatternLabel } from './PatternBitmap.tsx';
import styles from './PatternFigure.module.css';
import { type Direction, type PatternWindow, toMiddle, toNextMiddle, toShownWindow } from './pattern-window.ts';
import { useRecipeNotes } from './use-notes.ts';
import { findStage, type MatrixStage, toPatternExport, toPatternTable } from './weight-tables.ts';
import { formatWeight, toModuleName } from './weight-words.ts';

/** Which weights are zero, from the whole matrix down to single weights. */
export const PatternFigure = memo(function PatternFigure({ report, stages, file, source }: MatrixFigureProps) {
  const notes = useRecipeNotes([file.regime]);
  const stageId = useInsideForm((state) => state.choice.matrixStage);
  const choose = useInsideForm((state) => state.choose);
  const view = useInsideForm((state) => state.choice.patternView);
  const stage = findStage(stages, stageId);
  if (stage === null) return null;
  const { matrix } = stage;
  const { window, zoom, last } = toShownWindow(matrix.shape, view);
  const setView = (patternView: PatternView) => choose({ patternView });
  const zoomTo = (next: number, middle = toMiddle(window)) =>
    setView({ zoom: Math.max(0, Math.min(last, next)), middle });
  const move = (direction: Direction) => setView({ zoom, middle: toNextMiddle(window, direction) });
  const name = `${toModuleName(report.module)}, ${stage.name}`;
  const isClosest = zoom === last;
  return (
    <ChartFigure
      title="Sparsity pattern"
      badge={null}
      controls={
        <div className={styles.tools}>
          <SegmentedControl
            label="Of"
            segments={stages.map((each) => ({ value: each.id, label: each.name }))}
            value={stage.id}
            onChange={(next) => choose({ matrixStage: next })}
          />
          <Tools zoom={zoom} last={last} window={window} shape={matrix.shape} onZoom={zoomTo} onMove={move} />
        </div>
      }
      chart={
        <Chart
          stage={stage}
          window={window}
          name={name}
          isClosest={isClosest}
          onMove={move}
          onZoomAt={(middle) => zoomTo(zoom + 1, middle)}
        />
      }
      table={<Table matrix={matrix} window={window} name={name} isClosest={isClosest} />}
      caption={
        <>
          {name}: {toWindowText(window)} of {formatCount(matrix.shape[0])} and {formatCount(matrix.shape[1])}. Outputs
          down, inputs across.{' '}
          {isClosest ? 'Hatched: exactly 0.' : 'The ground’s colour: exactly 0; ink: any other value.'}{' '}
          {toShapeText(stages)}
          {notes}
          {source === null ? '' : toSourceText(source)}
        </>
      }
      exported={() => toPatternExport(file, stages, window, isClosest)}
    />
  );
});

function toWindowText({ row, rows, column, columns }: PatternWindow): string {
  return `outputs ${formatCount(row + 1)} to ${formatCount(row + rows)} and inputs ${formatCount(column + 1)} to ${formatCount(column + columns)}`;
}

/** What is gone from the matrix, where whole rows or columns are. */
function toShapeText(stages: readonly MatrixStage[]): string {
  const [before, after] = [stages[0]?.matrix.shape, stages[1]?.matrix.shape];
  if (before === undefined || after === undefined || (before[0] === after[0] && before[1] === after[1])) return '';
  return `The recipe removed whole rows or columns: ${before.join('\u00a0×\u00a0')} before, ${after.join('\u00a0×\u00a0')} after. `;
}

interface ToolsProps {
  zoom: number;
  last: number;
  window: PatternWindow;
  shape: readonly [out: number, inputs: number];
  onZoom: (zoom: number) => void;
  onMove: (direction: Direction) => void;
}

const DIRECTIONS: readonly { direction: Direction; sign: string }[] = [
  { direction: 'left', sign: '←' },
  { direction: 'right', sign: '→' },
  { direction: 'up', sign: '↑' },
  { direction: 'down', sign: '↓' },
];

function Tools({ zoom, last, window, shape: [out, inputs], onZoom, onMove }: ToolsProps) {
  const canMove: Readonly<Record<Direction, boolean>> = {
    left: window.column > 0,
    right: window.column + window.columns < inputs,
    up: window.row > 0,
    down: window.row + window.rows < out,
  };
  return (
    <div className={styles.buttons}>
      <Button isDisabled={zoom === last} onPress={() => onZoom(zoom + 1)}>
        Zoom in
      </Button>
      <Button isDisabled={zoom === 0} onPress={() => onZoom(zoom - 1)}>
        Zoom out
      </Button>
      <Button isDisabled={zoom === 0} onPress={() => onZoom(0)}>
        Whole matrix
      </Button>
      {DIRECTIONS.map(({ direction, sign }) => (
        <Button
          key={direction}
          label={`Move ${direction}`}
          isDisabled={!canMove[direction]}
          onPress={() => onMove(direction)}
        >
          {sign}
        </Button>
      ))}
    </div>
  );
}

interface ChartProps {
  stage: MatrixStage;
  window: PatternWindow;
  name: string;
  isClosest: boolean;
  onMove: (direction: Direction) => void;
  onZoomAt: (middle: { row: number; column: number }) => void;
}

function Chart({ stage: { matrix }, window, name, isClosest, onMove, onZoomAt }: ChartProps) {
  const zeros = toZeroMap(matrix, window, { rows: 1, columns: 1 }).shares[0] ?? Number.NaN;
  if (isClosest) return <Weights matrix={matrix} window={window} name={name} />;
  return (
    <>
      <p className={styles.legend}>
        <span>
          <span className={`${styles.swatch} ${styles.zero}`} />0
        </span>
        <span>
          <span className={`${styles.swatch} ${styles.weight}`} />
          not 0
        </span>
        <span>{formatShare(zeros)} of what is in sight are zeros</span>
      </p>
      <PatternBitmap
        matrix={matrix}
        window={window}
        label={toPatternLabel(name, window, zeros)}
        onMove={onMove}
        onZoomAt={onZoomAt}
      />
    </>
  );
}

/** Made only where it is looked at: it has hundreds of rows. */
function Table({ matrix, window, name, isClosest }: WindowProps & { isClosest: boolean }) {
  const { columns, rows } = toPatternTable(matrix, window, isClosest);
  return <DataTable caption={`Zeros of ${name}`} columns={columns} rows={rows} isLong />;
}

interface WindowProps {
  matrix: MatrixStage['matrix'];
  window: PatternWindow;
  name: string;
}

/** Every weight of a small window as a cell that is read out. */
function Weights({ matrix, window, name }: WindowProps) {
  const { row, column, rows, columns } = window;
  const figures = useMemo(() => {
    const [, inputs] = matrix.shape;
    const values = Array.from({ length: rows }, (_, i) => {
      const from = (row + i) * inputs + column;
      return Array.from(matrix.weight.subarray(from, from + columns), (weight) => (weight === 0 ? null : weight));
    });
    const toLabels = (first: number, count: number) =>
      Array.from({ length: count }, (_, i) => ({ text: String(first + i + 1) }));
    const scale = { kind: 'diverging' as const, most: toMost(values) };
    return { values, scale, rows: toLabels(row, rows), columns: toLabels(column, columns) };
  }, [matrix, row, column, rows, columns]);
  return (
    <CanvasHeatMap
      title={`Weights of ${name}`}
      rowTitle="output"
      columnTitle="input"
      {...figures}
      format={formatWeight}
      legend="weight"
      missing="exactly 0"
    />
  );
}
