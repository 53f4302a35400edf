import { useMemo } from 'react';
import { PATCH_TARGETS, type PatchMap, type PatchTarget } from '../../core/inside/capture.ts';
import { useEngineStore, useInsideForm, useInsidePatchStore, useInsideStore, usePackStore } from '../../state/hooks.ts';
import { PATCH_MEASURES, type PatchMeasure } from '../../state/inside-state.ts';
import { toSourceText } from '../../ui/captions.ts';
import { CanvasHeatMap } from '../../ui/charts/CanvasHeatMap.tsx';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { formatCount, formatPoints, formatProbability, formatShare } from '../../ui/format.ts';
import { ProgressMeter } from '../../ui/ProgressMeter.tsx';
import { RunFailure } from '../../ui/RunFailure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import runStyles from '../../ui/run.module.css';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { StartStopButton } from '../../ui/StartStopButton.tsx';
import { PATCH_MEASURE_WORDS, PATCH_WORDS, toDrawnPatch, toPatchExport, toPatchSentence } from './patch-map.ts';
import { RegimePicker } from './pickers.tsx';
import { useLiveSource } from './use-live-source.ts';
import { useQuestionNotes } from './use-notes.ts';
import views from './views.module.css';

/** Parts of one regime's run put into another's, place by place: what brings the right answer back. */
export function PatchView() {
  // In the same transition as the map: the names of other regimes never stand over it.
  const { donor, receiver, patched } = useInsideStore((state) => state.choice);
  const measure = useInsideForm((state) => state.choice.patchMeasure);
  const choose = useInsideForm((state) => state.choose);
  const patch = useInsidePatchStore((state) => state.patch);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const source = useLiveSource();
  const map = patch.status === 'ready' ? patch.of : null;
  const notes = useQuestionNotes([donor, receiver]);
  const names = { donor: toRegimeLook(donor).label, receiver: toRegimeLook(receiver).label };
  const toFile = () => toPatchExport(packId, source?.date ?? null, map, { donor, receiver });
  return (
    <ChartFigure
      title={`What of ${names.donor} brings the answer back in ${names.receiver}`}
      badge={map === null || source === null ? null : <SourceBadge source={source} />}
      run={<PatchRun />}
      controls={
        <SegmentedControl
          label="Shown"
          isLabelHidden
          segments={PATCH_MEASURES.map((value) => ({ value, label: PATCH_MEASURE_WORDS[value] }))}
          value={measure}
          onChange={(patchMeasure) => choose({ patchMeasure })}
        />
      }
      chart={
        map === null ? (
          <p className={views.state}>
            {patch.status === 'running' ? 'The map comes once every place was patched.' : 'Nothing was patched yet.'}
          </p>
        ) : (
          <Chart map={map} measure={measure} names={names} />
        )
      }
      table={map === null ? <p className={views.state}>Nothing was patched yet.</p> : <PatchTable map={map} />}
      caption={
        <>
          This is{' '}
          <a href="https://arxiv.org/abs/2202.05262" target="_blank" rel="noopener">
            activation patching
          </a>{' '}
          (Meng et al. 2022): {PATCH_WORDS[map?.of ?? patched].part} of the donor’s run is put in the place of the
          receiver’s, and the rest of the receiver runs on from there. Where one place alone brings the right answer
          back, the receiver’s later layers can still use it, so it was displaced there rather than destroyed; where
          none does, no single place carries what is missing. {HANDED_OVER[map?.of ?? patched]}
          {notes}
          {map === null || source === null ? null : toSourceText(source)}
        </>
      }
      exported={map === null ? toFile() : toFile}
    />
  );
}

const HANDED_OVER: Readonly<Record<PatchTarget, string>> = {
  residual: 'After the last layer a patch merely hands over the donor’s prediction at that token. ',
  heads: '',
};

/** Who gives, who gets, and what; Start, Stop and progress. */
function PatchRun() {
  const { donor, receiver, patched } = useInsideForm((state) => state.choice);
  const choose = useInsideForm((state) => state.choose);
  const offered = useInsideStore((state) => state.offered);
  const answer = useInsideStore((state) => state.question?.answer ?? null);
  const isReady = useEngineStore((state) => state.engine.status === 'ready');
  const patch = useInsidePatchStore((state) => state.patch);
  const start = useInsidePatchStore((state) => state.start);
  const wasStopped = useInsidePatchStore((state) => state.wasStopped);
  const stop = useInsidePatchStore((state) => state.stop);
  const isRunning = patch.status === 'running';
  return (
    <div className={views.run}>
      {patch.status === 'failed' ? <RunFailure error={patch.error} /> : null}
      <div className={views.pickers}>
        <RegimePicker label="Donor" offered={offered} value={donor} onChange={(key) => choose({ donor: key })} />
        <RegimePicker
          label="Receiver"
          offered={offered}
          value={receiver}
          onChange={(key) => choose({ receiver: key })}
        />
        <SegmentedControl
          label="Patched"
          segments={PATCH_TARGETS.map((value) => ({ value, label: PATCH_WORDS[value].label }))}
          value={patched}
          onChange={(value) => choose({ patched: value })}
        />
      </div>
      <div className={isRunning ? runStyles.running : runStyles.start}>
        <StartStopButton
          isRunning={isRunning}
          startLabel="Patch every place"
          look="primary"
          icon="play"
          isDisabled={!isReady || answer === null}
          onStart={start}
          onStop={stop}
        />
        {isRunning ? (
          <ProgressMeter
            label="Patching place by place"
            share={patch.total > 0 ? patch.done / patch.total : null}
            detail={`${formatCount(patch.done)} of ${formatCount(patch.total)} places`}
          />
        ) : null}
        <span className={views.state} role="status">
          {toStateText({ isReady, isRunning, wasStopped, hasAnswer: answer !== null })}
        </span>
      </div>
    </div>
  );
}

/** What keeps a run from beginning, or how the last one ended. */
function toStateText(now: { isReady: boolean; isRunning: boolean; wasStopped: boolean; hasAnswer: boolean }): string {
  if (now.isRunning) return '';
  if (!now.isReady) return 'Needs the model on your device: run it live first.';
  if (!now.hasAnswer) return 'Needs a question whose right answer is known.';
  return now.wasStopped ? 'Stopped before every place was patched; of half a map nothing is kept.' : '';
}

interface ChartProps {
  map: PatchMap;
  measure: PatchMeasure;
  names: { donor: string; receiver: string };
}

function Chart({ map, measure, names }: ChartProps) {
  const drawn = useMemo(() => toDrawnPatch(map, measure), [map, measure]);
  const { donorProbability, receiverProbability } = map;
  return (
    <div className={views.view}>
      <div className={views.finding}>
        <p>{toPatchSentence(map)}</p>
        <p className={views.rule}>
          Probability of the whole right answer: {names.donor} (donor) {formatProbability(donorProbability)},{' '}
          {names.receiver} (receiver) {formatProbability(receiverProbability)}, a gap of{' '}
          {formatPoints(donorProbability - receiverProbability)}.
        </p>
      </div>
      <CanvasHeatMap
        title={`${measure === 'share' ? 'Share of the gap restored' : 'Probability of the right answer'} by layer and ${PATCH_WORDS[map.of].column}`}
        rowTitle=""
        columnTitle={PATCH_WORDS[map.of].column}
        rows={drawn.rows}
        columns={drawn.columns}
        values={drawn.values}
        scale={drawn.scale}
        format={drawn.format}
        legend={measure === 'share' ? 'share of the gap' : 'probability'}
      />
    </div>
  );
}

/** A row per layer and place. */
function PatchTable({ map }: { map: PatchMap }) {
  const [probability, share] = useMemo(
    () => [toDrawnPatch(map, 'probability'), toDrawnPatch(map, 'share')] as const,
    [map],
  );
  return (
    <DataTable
      caption="The right answer by patched place"
      columns={['Layer', 'Patched', 'Probability', 'Share of the gap restored']}
      rows={probability.rows.flatMap(({ text: layer }, r) =>
        probability.columns.map(({ text: column }, c) => ({
          key: `${r} ${c}`,
          cells: [
            layer,
            column,
            formatProbability(probability.values[r]?.[c] ?? null),
            formatShare(share.values[r]?.[c] ?? null),
          ],
        })),
      )}
      isLong
    />
  );
}
