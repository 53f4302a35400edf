import { useMemo, useState } from 'react';
import type { Capture } from '../../core/inside/capture.ts';
import { useInsideForm, useInsideStore, usePackStore } from '../../state/hooks.ts';
import { toSourceText } from '../../ui/captions.ts';
import { ChartFigure } from '../../ui/charts/ChartFigure.tsx';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { AttentionTable } from './AttentionTable.tsx';
import { toAttentionExport } from './attention-export.ts';
import { countHeads, hasSameHeads, toAttentionMap, toDifferenceMap } from './attention-maps.ts';
import { CaptureStates } from './CaptureStates.tsx';
import { PromptMassFigure } from './PromptMassFigure.tsx';
import { NumberPicker, RegimePicker } from './pickers.tsx';
import { type MapGaps, TokenMaps } from './TokenMaps.tsx';
import { useLiveSource } from './use-live-source.ts';
import { useQuestionNotes } from './use-notes.ts';
import views from './views.module.css';

/** Two regimes' attention side by side, their difference, and how much of it goes to a prompt. */
export function AttentionView() {
  const { left, right, layer, head } = useInsideStore((state) => state.choice);
  const captures = useInsideStore((state) => state.captures);
  const packId = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.id : 'pack'));
  const source = useLiveSource();
  const notes = useQuestionNotes([left, right]);
  const [one, other] = [captures.get(left), captures.get(right)];
  const leftCapture = one?.status === 'ready' ? one.of : null;
  const rightCapture = other?.status === 'ready' ? other.of : null;
  const maps = useMemo(
    () => ({
      left: leftCapture && toAttentionMap(leftCapture, layer, head),
      right: rightCapture && toAttentionMap(rightCapture, layer, head),
      difference: leftCapture && rightCapture && toDifferenceMap(leftCapture, rightCapture, layer, head),
    }),
    [leftCapture, rightCapture, layer, head],
  );
  const isEmpty = leftCapture === null && rightCapture === null;
  const names = { left: toRegimeLook(left).label, right: toRegimeLook(right).label };
  const toFile = () => toAttentionExport(packId, source?.date ?? null, { left, right, layer, head }, maps);
  return (
    <div className={views.view}>
      <ChartFigure
        title={`Attention, layer ${layer + 1}, ${head === null ? 'mean over heads' : `head ${head + 1}`}`}
        badge={isEmpty || source === null ? null : <SourceBadge source={source} />}
        controls={<Pickers captures={[leftCapture, rightCapture]} />}
        run={<CaptureStates keys={[left, right]} />}
        chart={
          isEmpty ? (
            <p className={views.state}>Nothing was looked into yet.</p>
          ) : (
            <TokenMaps maps={maps} names={names} gaps={toGaps(leftCapture, rightCapture, { layer, head })} />
          )
        }
        table={<AttentionTable maps={maps} names={names} />}
        caption={
          <>
            Rows are the tokens that look, columns the tokens looked at; every row of a regime sums to 100{'\u00a0'}%,
            and no token sees what comes after it. In the difference (right minus left) the columns of a prompt are
            dropped and each head’s rows renormalised, so that what is left is compared like with like; what they had
            stands in the figure below. Shades go by the square root, so that small shares can be told apart: the middle
            shade is a quarter of the end. {notes}
            {isEmpty || source === null ? null : toSourceText(source)}
          </>
        }
        exported={isEmpty ? toFile() : toFile}
      />
      <PromptMassFigure
        pack={packId}
        source={source}
        captures={[
          { key: left, capture: leftCapture },
          { key: right, capture: rightCapture },
        ]}
      />
    </div>
  );
}

const UNLIKE_HEADS =
  'The recipe removed heads of this layer and those that are left are numbered anew, so heads of one number are not the same head. Choose the mean.';

interface Shown {
  layer: number;
  head: number | null;
}

/** Why a map is not there. */
function toGaps(left: Capture | null, right: Capture | null, { layer, head }: Shown): MapGaps {
  const toGap = (capture: Capture | null) =>
    capture === null
      ? 'Not looked into yet.'
      : `This layer has no ${head === null ? 'heads' : `head ${head + 1}`} here: there are fewer, or the recipe removed it.`;
  const isUnlike = left !== null && right !== null && !hasSameHeads(left, right, layer);
  const difference = isUnlike ? UNLIKE_HEADS : 'A difference needs both maps.';
  return { left: toGap(left), right: toGap(right), difference };
}

function Pickers({ captures }: { captures: readonly (Capture | null)[] }) {
  const { left, right, layer, head } = useInsideForm((state) => state.choice);
  const choose = useInsideForm((state) => state.choose);
  const offered = useInsideStore((state) => state.offered);
  const shipped = usePackStore(({ pack }) => (pack.status === 'ready' ? pack.manifest.checkpoint.layers : 1));
  const numLayers = captures.find((capture) => capture?.attention)?.attention?.length ?? shipped;
  const found = Math.max(0, ...captures.map((capture) => (capture === null ? 0 : countHeads(capture, layer))));
  // Until the next capture comes there are as many as in the last one: the picker does not come and go.
  const [numHeads, setNumHeads] = useState(found);
  if (found > 0 && found !== numHeads) setNumHeads(found);
  return (
    <div className={views.pickers}>
      <RegimePicker label="Left" offered={offered} value={left} onChange={(key) => choose({ left: key })} />
      <RegimePicker label="Right" offered={offered} value={right} onChange={(key) => choose({ right: key })} />
      <NumberPicker
        label="Layer"
        count={numLayers}
        value={layer}
        onChange={(chosen) => choose({ layer: chosen ?? 0 })}
      />
      <NumberPicker
        label="Head"
        count={numHeads}
        value={head}
        all="Mean"
        onChange={(chosen) => choose({ head: chosen })}
      />
    </div>
  );
}
