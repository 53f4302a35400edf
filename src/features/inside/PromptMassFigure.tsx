import type { Capture } from '../../core/inside/capture.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { useBoardStore } from '../../state/hooks.ts';
import type { ResultSource } from '../../state/results.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { toColumnAxis, toLinearAxis } from '../../ui/charts/xy-plot.ts';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatProbability, formatShare } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toMassExport } from './attention-export.ts';
import { toPromptMass } from './attention-maps.ts';
import { toLayerPlot } from './layer-plot.ts';
import { useQuestionNotes } from './use-notes.ts';
import views from './views.module.css';

interface PromptMassFigureProps {
  pack: string;
  source: ResultSource | null;
  captures: readonly { key: RegimeKey; capture: Capture | null }[];
}

/** How much of the attention goes to a prompt, layer by layer: what the difference of attention leaves out. */
export function PromptMassFigure({ pack, source, captures }: PromptMassFigureProps) {
  const highlighted = useBoardStore((state) => state.highlighted);
  const found = new Map(captures.map(({ key, capture }) => [key, capture && toPromptMass(capture)]));
  const masses = [...found].flatMap(([key, mass]) => (mass === null ? [] : [{ key, mass }]));
  const without = [...found].flatMap(([key, mass]) => (mass === null ? [toRegimeLook(key).label] : []));
  const isEmpty = masses.length === 0;
  const notes = useQuestionNotes(masses.map(({ key }) => key));
  const numLayers = Math.max(1, ...masses.map(({ mass }) => mass.mean.length));
  const most = Math.max(0.01, ...masses.flatMap(({ mass }) => mass.mean).filter(Number.isFinite));
  const rows = masses.flatMap(({ key, mass }) =>
    mass.mean.map((mean, layer) => ({ key, layer, mean, last: mass.last[layer] ?? Number.NaN })),
  );
  return (
    <ChartFigure
      title="Attention that goes to the prompt, by layer"
      badge={isEmpty || source === null ? null : <SourceBadge source={source} />}
      chart={
        isEmpty ? (
          <p className={views.state}>
            {captures.every(({ capture }) => capture === null)
              ? 'Nothing was looked into yet.'
              : 'Neither of the two has a prompt or prefix to look at. Choose Prompt, IDP or Prefix above.'}
          </p>
        ) : (
          <XyChart
            plot={toLayerPlot(
              masses.map(({ key, mass }) => ({ key, values: mass.mean })),
              {
                x: toColumnAxis(
                  'layer',
                  Array.from({ length: numLayers }, (_, layer) => String(layer + 1)),
                ),
                y: toLinearAxis('share of attention', 0, Math.min(1, most * 1.1), (share) => formatShare(share, 0)),
                format: formatProbability,
                toName: (layer) => `layer ${layer + 1}`,
              },
            )}
            title="Mean over the question’s tokens and all heads"
            highlighted={highlighted}
          />
        )
      }
      table={
        <DataTable
          caption="Attention that goes to the prompt"
          columns={['Regime', 'Layer', 'Mean over the question’s tokens', 'Its last token']}
          rows={rows.map(({ key, layer, mean, last }) => ({
            key: `${key} ${layer}`,
            cells: [toRegimeLook(key).label, String(layer + 1), formatProbability(mean), formatProbability(last)],
          }))}
        />
      }
      caption={
        <>
          Share of attention on virtual tokens of a prompt or prefix, or on the tokens of a text prompt
          {isEmpty || without.length === 0 ? '' : `; ${without.join(' and ')} has none`}. {notes}
          {isEmpty || source === null ? null : toSourceText(source)}
        </>
      }
      exported={toMassExport(pack, source?.date ?? null, masses)}
    />
  );
}
