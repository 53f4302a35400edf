import { toRecipeLabel } from '../../core/compress/recipe-key.ts';
import type { TimeChange } from '../../core/eval/compare-times.ts';
import { DAMAGED_FATES, type DamagedReport } from '../../core/eval/fates.ts';
import type { SubjectEstimate } from '../../core/eval/outcomes.ts';
import type { DosePoint, FateFinding, FateFindings } from '../../state/fates-state.ts';
import { toShapeSize } from '../../state/shape-plan.ts';
import type { ShapeResults } from '../../state/shape-state.ts';
import {
  type ExportCell,
  type ExportColumn,
  type FigureExport,
  toEstimateCells,
  toEstimateColumns,
  toSubjectCells,
  toSubjectColumns,
} from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';

/** What became of the facts of a recipe, and what that is held against: a row per type of repair and figure. */
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
      { name: 'figure' },
      { name: 'count', unit: 'facts' },
      ...toSubjectColumns('share', 'share', 'of facts'),
      { name: 'p, unadjusted' },
      ...SOURCE_COLUMNS,
    ],
    rows: fates.flatMap(({ findings, set }) =>
      findings.flatMap((finding) =>
        toFateFigures(finding).map(({ figure, count, share, p = null }) => [
          toRecipeLabel(set.recipe),
          finding.key,
          finding.isTransferred,
          finding.verdict?.kind ?? null,
          figure,
          count,
          ...toSubjectCells(share && { ...share, n: share.items }),
          p,
          ...toSourceCells(set.source),
        ]),
      ),
    ),
  };
}

interface FateFigure {
  figure: string;
  count: number | null;
  share: SubjectEstimate | null;
  /** Of the paired test, where there is one. */
  p?: number | null;
}

/** Fates as shares of known facts (never known: of all), then shares of the facts that compression lost. */
function toFateFigures({ report, shuffled, aboveShuffled, seenShuffled, control }: FateFinding): readonly FateFigure[] {
  return [
    ...[...report.fates].map(([fate, { count, share }]) => ({ figure: fate, count, share })),
    ...toDamagedFigures(report, shuffled?.report.ofDamaged.displaced ?? null, control),
    {
      figure: 'displaced above shuffled answers, of lost facts',
      count: null,
      share: aboveShuffled,
      p: aboveShuffled?.p ?? null,
    },
    { figure: 'right where seen with shuffled answers, of lost facts', count: null, share: seenShuffled },
    { figure: 'displaced minus broken, of known facts', count: null, share: report.net },
  ].filter(({ count, share }) => count !== null || share !== null);
}

function toDamagedFigures(
  { ofDamaged, seen, owedToSeeing }: DamagedReport,
  shuffled: SubjectEstimate | null,
  control: SubjectEstimate | null,
): readonly FateFigure[] {
  const shares = [
    ...DAMAGED_FATES.map((fate) => [`${fate}, of lost facts`, ofDamaged[fate]] as const),
    ['right where seen, of lost facts', seen] as const,
    ['owed to having seen them, of facts right where seen', owedToSeeing] as const,
    ['displaced with shuffled answers, of lost facts', shuffled] as const,
    ['guessed, of control facts', control] as const,
  ];
  return shares.map(([figure, share]) => ({ figure, count: null, share }));
}

/** The same shares over all shipped recipes, beside what compression took. */
export function toDose(pack: string, points: readonly DosePoint[]): FigureExport {
  return {
    pack,
    measure: 'dose',
    date: null,
    columns: [
      { name: 'recipe' },
      ...toSubjectColumns('damage', 'share', 'items of damage'),
      { name: 'regime' },
      { name: 'lost facts' },
      { name: 'figure' },
      ...toSubjectColumns('share', 'share', 'of facts'),
      ...SOURCE_COLUMNS,
    ],
    rows: points.flatMap(({ label, damage, shares, source }) =>
      shares.flatMap((of) =>
        toDamagedFigures(of, of.shuffled, of.control).flatMap(({ figure, share }) =>
          share === null
            ? []
            : [
                [
                  label,
                  ...toSubjectCells(damage && { ...damage, n: damage.items }),
                  of.key,
                  of.damaged,
                  figure,
                  ...toSubjectCells({ ...share, n: share.items }),
                  ...toSourceCells(source),
                ],
              ],
        ),
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
      { name: 'GPU kernels a token' },
      ...toChangeColumns('first token against LoRA unmerged'),
      ...toChangeColumns('further token against LoRA unmerged'),
      { name: 'timer resolution', unit: 'ms' },
      { name: 'rounds discarded' },
      { name: 'in memory', unit: 'bytes' },
      { name: 'extra parameters' },
      ...SOURCE_COLUMNS,
    ],
    rows: shapes.flatMap(({ numLayers, rows, source }) =>
      rows.map(({ key, latency, againstLora, kernels }) => [
        key,
        numLayers,
        ...toEstimateCells(latency.ttftMs),
        ...toEstimateCells(latency.routingMs),
        ...toEstimateCells(latency.prefillMs),
        ...toEstimateCells(latency.perTokenMs),
        ...toEstimateCells(kernels?.prefillMs ?? null),
        ...toEstimateCells(kernels?.perTokenMs ?? null),
        kernels?.kernelsPerToken ?? null,
        ...toChangeCells(againstLora?.ttftMs ?? null),
        ...toChangeCells(againstLora?.perTokenMs ?? null),
        latency.timerResolutionMs,
        latency.discarded.length,
        ...toSizeCells(toShapeSize(numLayers, key)),
        ...toSourceCells(source),
      ]),
    ),
  };
}

function toSizeCells({ runtimeBytes, extraParameters }: ReturnType<typeof toShapeSize>): readonly ExportCell[] {
  return [runtimeBytes, extraParameters];
}

function toChangeColumns(name: string): readonly ExportColumn[] {
  const unit = 'share of it';
  return [
    { name, unit },
    { name: `${name} low`, unit },
    { name: `${name} high`, unit },
    { name: `${name} p, unadjusted` },
  ];
}

function toChangeCells(change: TimeChange | null): readonly ExportCell[] {
  return change === null ? [null, null, null, null] : [change.value, change.low, change.high, change.p];
}
