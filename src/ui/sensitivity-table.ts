import type { Comparison } from '../core/eval/comparisons.ts';
import { type FigureExport, toSubjectCells, toSubjectColumns } from './charts/figure-export.ts';
import { toTestCells, toTestColumns } from './paired-columns.ts';
import { SOURCE_COLUMNS, type TableSource, toSourceCells } from './source-columns.ts';

type Estimate = Parameters<typeof toSubjectCells>[0];

/** What compressing one matrix alone does, as far as files carry it; null where it was not measured. */
interface Sensitivity {
  source: TableSource;
  sensitivity: {
    label: string;
    cells: readonly { layer: number; matrix: string; accuracy: Estimate; klDivergence: Estimate }[];
  } | null;
  /** Null until the cells are compared with the dense model. */
  family: {
    cells: {
      size: number;
      presetItems: number;
      availableItems: number;
      comparisons: readonly (Comparison | null)[];
    } | null;
  } | null;
}

/** A row per matrix of a layer, of some sweeps. */
export function toSensitivities(pack: string, sweeps: readonly Sensitivity[]): FigureExport {
  return {
    pack,
    measure: 'sensitivity',
    date: null,
    columns: [
      { name: 'recipe of one matrix' },
      { name: 'layer' },
      { name: 'matrix' },
      ...toSubjectColumns('accuracy', 'share', 'accuracy items'),
      ...toSubjectColumns('KL divergence', 'nat', 'KL divergence items'),
      ...toTestColumns('accuracy minus dense'),
      ...SOURCE_COLUMNS,
    ],
    rows: sweeps.flatMap(({ sensitivity, family, source }) => {
      const compared = family?.cells ?? null;
      return (sensitivity?.cells ?? []).map(({ layer, matrix, accuracy, klDivergence }, i) => [
        sensitivity?.label ?? null,
        layer,
        matrix,
        ...toSubjectCells(accuracy),
        ...toSubjectCells(klDivergence),
        ...toTestCells(compared?.comparisons[i] ?? null, compared && { ...compared, familySize: compared.size }),
        ...toSourceCells(source),
      ]);
    }),
  };
}
