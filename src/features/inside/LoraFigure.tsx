import { memo, useMemo } from 'react';
import type { MatrixReport } from '../../core/inside/capture.ts';
import { countFilledZeros } from '../../core/inside/matrix-figures.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { ValueRows } from '../../ui/charts/ValueRows.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatNumber, formatShare } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import type { MatrixFigureProps } from './HistogramFigure.tsx';
import { useRecipeNotes } from './use-notes.ts';
import styles from './views.module.css';
import { SINGULAR_COLUMNS, toSingularExport, toSingularRows, toSquaredShares } from './weight-tables.ts';
import { formatWeight, toChange, toModuleName } from './weight-words.ts';

/** What a LoRA adds to the matrix: how much, into how many zeros, and over how many directions. */
export const LoraFigure = memo(function LoraFigure({ report, file, source }: Omit<MatrixFigureProps, 'stages'>) {
  const words = useMemo(() => toMergeText(report), [report]);
  const exported = useMemo(() => toSingularExport(file, report), [file, report]);
  const { label, color } = toRegimeLook(file.regime);
  const notes = useRecipeNotes([file.regime]);
  if (report.lora === null || exported === null) {
    return (
      <Notice tone="plain">
        <p>
          {label} adds nothing to this matrix. Prompts and prefixes leave all weights as the recipe made them; choose a
          LoRA regime, and a matrix that it changes, to see what is added.
        </p>
      </Notice>
    );
  }
  const { r, singularValues } = report.lora;
  const shares = toSquaredShares(singularValues);
  return (
    <ChartFigure
      title={`What ${label} adds to ${toModuleName(file.module)}`}
      badge={null}
      chart={
        <div className={styles.part}>
          <p className={styles.finding}>{words}</p>
          <ValueRows
            rows={Array.from(singularValues, (value, i) => ({
              id: String(i),
              label: `σ${i + 1}`,
              estimate: { value, low: null, high: null, n: 1 },
              color,
              look: 'solid' as const,
              values: (
                <>
                  <b>{formatWeight(value)}</b> <span>{formatShare(shares[i] ?? null)}</span>
                </>
              ),
            }))}
            label={`Singular values of what ${label} adds`}
            axisTitle="singular value"
            formatTick={(tick) => String(tick)}
          />
        </div>
      }
      table={
        <DataTable
          caption={`Singular values of what ${label} adds`}
          columns={SINGULAR_COLUMNS}
          rows={toSingularRows(singularValues)}
        />
      }
      caption={
        <>
          Singular values of scale · B A, rank {formatCount(r)} at most, with each one’s share of the squared Frobenius
          norm: a first one far above the rest is a change along one direction. Norms are Frobenius norms; the change is
          that of the weights that run, after the recipe’s mask or grid where it is put on again. {notes}
          {source === null ? '' : toSourceText(source)}
        </>
      }
      exported={exported}
    />
  );
});

/** How large the change is against the matrix, and what becomes of the recipe's zeros. */
function toMergeText(report: MatrixReport): string {
  const change = toChange(report);
  const filled = countFilledZeros(report);
  const size =
    change === null
      ? 'The weights hold what is no number, so the change has no size.'
      : `The change has a norm of ${formatNumber(change.change)}${change.ratio === null ? '' : `, ${formatShare(change.ratio)}`} of the compressed matrix’s ${formatNumber(change.matrix)}.`;
  if (filled === null) return size;
  const zeros = filled.filled + filled.left;
  if (zeros === 0) return `${size} There are no zeros to fill.`;
  return `${size} It fills ${formatCount(filled.filled)} zeros and leaves ${formatCount(filled.left)}.`;
}
