import { useMemo } from 'react';
import { worstRank } from '../../core/inside/lens.ts';
import { useBoardStore, useInsideForm, useInsideStore, usePackStore } from '../../state/hooks.ts';
import { LENS_MEASURES, type LensMeasure } from '../../state/inside-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { XyChart } from '../../ui/charts/XyChart.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatProbability } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { CaptureStates } from './CaptureStates.tsx';
import { LikeliestTable } from './LikeliestTable.tsx';
import { LENS_WORDS, type LensOf, readLens, toLensExport, toLensOf, toLensPlot } from './lens-plots.ts';
import { LENS_RULE, toLensSentence, toWholeText } from './lens-words.ts';
import { useLiveSource } from './use-live-source.ts';
import { useQuestionNotes } from './use-notes.ts';
import views from './views.module.css';

/** The right answer by layer in every regime (logit lens): where it is lost, and where it is found again. */
export function LensView() {
  const measure = useInsideForm((state) => state.choice.lensMeasure);
  const choose = useInsideForm((state) => state.choose);
  const captures = useInsideStore((state) => state.captures);
  const answer = useInsideStore((state) => state.question?.answer ?? null);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const source = useLiveSource();
  const looked = useMemo(
    () => [...captures].flatMap(([key, found]) => (found.status === 'ready' ? [{ key, capture: found.of }] : [])),
    [captures],
  );
  const regimes = looked.flatMap(({ key, capture }) => toLensOf(key, capture));
  const firstToken = looked.find(({ capture }) => capture.answer.length > 0)?.capture.answer[0]?.text ?? null;
  const isEmpty = regimes.length === 0;
  const notes = useQuestionNotes(regimes.map(({ key }) => key));
  return (
    <ChartFigure
      title="The right answer, layer by layer"
      badge={isEmpty || source === null ? null : <SourceBadge source={source} />}
      run={<CaptureStates keys={[...captures.keys()]} />}
      controls={
        <SegmentedControl
          label="Measure of the answer"
          isLabelHidden
          segments={LENS_MEASURES.map((value) => ({ value, label: LENS_WORDS[value].label }))}
          value={measure}
          onChange={(lensMeasure) => choose({ lensMeasure })}
        />
      }
      chart={
        isEmpty ? (
          <p className={views.state}>Nothing was looked into yet.</p>
        ) : (
          <div className={views.view}>
            <Chart regimes={regimes} measure={measure} answer={answer} />
            <LikeliestTable regimes={regimes} firstToken={firstToken} />
          </div>
        )
      }
      table={<LensTable regimes={regimes} />}
      caption={
        <>
          Logit lens (nostalgebraist 2020): the residual stream after each layer goes through the final norm and the
          head, as if the layers above were not there. The whole answer counts every one of its tokens, end token
          included, each behind the right ones before it. {notes}
          {isEmpty || source === null ? null : toSourceText(source)}
        </>
      }
      exported={toLensExport(packId, source?.date ?? null, regimes)}
    />
  );
}

interface ChartProps {
  regimes: readonly LensOf[];
  measure: LensMeasure;
  answer: string | null;
}

function Chart({ regimes, measure, answer }: ChartProps) {
  const highlighted = useBoardStore((state) => state.highlighted);
  const sentence = useMemo(() => toLensSentence(regimes), [regimes]);
  const plot = useMemo(() => toLensPlot(regimes, measure), [regimes, measure]);
  if (answer === null) {
    return (
      <p className={views.state}>
        No right answer is known to this question, so there is none to follow; the likeliest tokens stand below.
      </p>
    );
  }
  return (
    <div className={views.view}>
      {sentence === null ? null : (
        <div className={views.finding}>
          <p>{sentence}</p>
          <p className={views.rule}>{LENS_RULE}</p>
          <p className={views.rule}>{toWholeText(regimes)}</p>
        </div>
      )}
      <XyChart plot={plot} title={LENS_WORDS[measure].title} highlighted={highlighted} isTall />
    </div>
  );
}

/** A row per regime and layer with every measure. */
function LensTable({ regimes }: { regimes: readonly LensOf[] }) {
  return (
    <DataTable
      caption="The right answer by regime and layer"
      columns={['Regime', 'After', 'First token', 'Whole answer', 'Rank of the worst token']}
      rows={regimes.flatMap(({ key, lens }) =>
        lens.map((layer, place) => ({
          key: `${key} ${place}`,
          cells: [
            toRegimeLook(key).label,
            place === 0 ? 'embeddings' : `layer ${place}`,
            formatProbability(readLens(layer, 'first')),
            formatProbability(readLens(layer, 'whole')),
            formatCount(worstRank(layer)),
          ],
        })),
      )}
      isLong
    />
  );
}
