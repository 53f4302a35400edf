import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import type { FateFindings } from '../../state/fates-state.ts';
import type { ShapeResults } from '../../state/shape-state.ts';
import {
  type FigureExport,
  toEstimateCells,
  toEstimateColumns,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from './set-tables.ts';

/** What became of the facts of a recipe: a row per type of repair and fate. */
export function toFates(pack: string, fates: readonly FateFindings[]): FigureExport {
  return {
    pack,
    measure: 'fates',
    date: null,
    columns: [
      { name: 'recipe' },
      { name: 'regime' },
      { name: 'is transferred' },
      { name: 'verdict' },
      { name: 'fate' },
      { name: 'count', unit: 'facts' },
      ...toSubjectColumns('share', 'share', 'of facts'),
      ...SOURCE_COLUMNS,
    ],
    rows: fates.flatMap(({ findings, set }) =>
      findings.flatMap(({ key, isTransferred, verdict, report }) =>
        [...report.fates].map(([fate, { count, share }]) => [
          toRecipeLabel(set.recipe),
          key,
          isTransferred,
          verdict?.kind ?? null,
          fate,
          count,
          ...toSubjectCells(share && { ...share, n: share.items }),
          ...toSourceCells(set.source),
        ]),
      ),
    ),
  };
}

/** Times of random weights in the sizes of a larger model; no accuracy belongs to them. */
export function toShapes(pack: string, shapes: readonly ShapeResults[]): FigureExport {
  return {
    pack,
    measure: 'shape-only-latency',
    date: null,
    columns: [
      { name: 'regime' },
      { name: 'layers' },
      ...toEstimateColumns('first token', 'ms', 'runs'),
      ...toEstimateColumns('routing', 'ms', 'runs of routing'),
      ...toEstimateColumns('prefill', 'ms', 'runs of prefill'),
      ...toEstimateColumns('per further token', 'ms', 'runs of further tokens'),
      ...toEstimateColumns('GPU kernels of prefill', 'ms', 'runs of prefill kernels'),
      ...toEstimateColumns('GPU kernels per further token', 'ms', 'runs of further kernels'),
      ...SOURCE_COLUMNS,
    ],
    rows: shapes.flatMap(({ numLayers, rows, source }) =>
      rows.map(({ key, latency, kernels }) => [
        key,
        numLayers,
        ...toEstimateCells(latency.ttftMs),
        ...toEstimateCells(latency.routingMs),
        ...toEstimateCells(latency.prefillMs),
        ...toEstimateCells(latency.perTokenMs),
        ...toEstimateCells(kernels?.prefillMs ?? null),
        ...toEstimateCells(kernels?.perTokenMs ?? null),
        ...toSourceCells(source),
      ]),
    ),
  };
}
