import type { ReactNode } from 'react';
import type { TimeComparison } from '../../core/eval/compare-times.ts';
import type { Comparison } from '../../core/eval/comparisons.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import {
  useBoardStore,
  useComparisonsStore,
  useEvaluateStore,
  usePackStore,
  useRecordedSet,
} from '../../state/hooks.ts';
import type { Estimate, RegimeRow, ResultSet } from '../../state/results.ts';
import { toIntervalText } from '../../ui/captions.ts';
import {
  formatBrackets,
  formatCount,
  formatInterval,
  formatMs,
  formatPercent,
  formatPoints,
  formatRatio,
  formatShare,
  UNKNOWN,
} from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { SourceBadge } from '../../ui/SourceBadge.tsx';
import { toHeadlineRows } from './figures.ts';
import styles from './Headline.module.css';

const EMPTY_TEXTS = {
  loading: 'Reading the recorded results.',
  failed: 'The recorded results could not be read.',
  ready: 'No results were recorded for this recipe. Run it live to see its figures.',
} as const;

/** The chosen recovery in five figures: what it brings back, what it leaves lost, what it costs. */
export function Headline() {
  const highlighted = useBoardStore((state) => state.highlighted);
  const live = useEvaluateStore((state) => state.live);
  const recorded = usePackStore((state) => state.recorded);
  const recordedSet = useRecordedSet();
  const hasLive = live?.rows.some((row) => row.key === highlighted && row.accuracy.heldOut !== null) ?? false;
  const results: ResultSet | null = hasLive ? live : recordedSet;
  const gain = useGain(highlighted, hasLive ? 'live' : 'recorded');
  const { dense, compressed, chosen, lora } = toHeadlineRows(results, highlighted);
  const { label } = toRegimeLook(highlighted);

  return (
    <section className={styles.headline} aria-label={`Figures of ${label}`}>
      {results === null && recorded.status === 'ready' ? null : (
        <dl className={styles.figures}>
          <Figure
            name="Held-out accuracy"
            value={formatShare(chosen?.accuracy.heldOut?.value ?? null)}
            note={toAccuracyNote(chosen?.accuracy.heldOut ?? null, { compressed, dense, gain })}
          />
          <Figure
            name="Damage recovered"
            value={formatShare(chosen?.recovered?.value ?? null, 0)}
            note={toShareNote(chosen, results?.damage ?? null)}
          />
          <Figure
            name="First token"
            value={formatMs(chosen?.latency?.ttftMs.value ?? null)}
            note={toLatencyNote(chosen, compressed, results?.timeComparisons ?? null)}
          />
          <Figure
            name="Parameters trained"
            value={formatCount(chosen?.size?.repairParameters ?? null)}
            note={toParameterNote(chosen, lora)}
          />
          <Figure
            name="Sparsity left"
            value={formatShare(chosen?.size?.sparsity ?? null)}
            note={
              compressed?.size && chosen?.size
                ? toSparsityNote(chosen.size.sparsity - compressed.size.sparsity)
                : 'zeros among the linear weights'
            }
          />
        </dl>
      )}
      <div className={styles.source}>
        {results === null ? (
          <p>{EMPTY_TEXTS[recorded.status]}</p>
        ) : (
          <>
            <SourceBadge source={results.source} /> <span>{results.recipeLabel}</span>{' '}
            <span>
              In brackets{' '}
              {toIntervalText([chosen?.accuracy.heldOut ?? null, chosen?.recovered ?? null, results.damage])}; of times,
              of the median.
            </span>
          </>
        )}
      </div>
    </section>
  );
}

function Figure({ name, value, note }: { name: string; value: string; note: ReactNode }) {
  return (
    <div className={styles.figure}>
      <dt>{name}</dt>
      <dd className={value === UNKNOWN ? styles.unknown : styles.value}>{value}</dd>
      <dd className={styles.note}>{note}</dd>
    </div>
  );
}

/** What the recovery has over no repair on the same held-out facts; null until the pairs are counted. */
function useGain(chosen: RegimeKey, view: 'live' | 'recorded'): Comparison['difference'] | null {
  return useComparisonsStore(({ [view]: phase }) => {
    if (phase.status !== 'ready') return null;
    const isOwn = ({ first, second }: Comparison) => first.key === chosen && second.key === 'compressed';
    return phase.of.declared.find(isOwn)?.difference ?? null;
  });
}

interface AccuracyPeers {
  compressed: RegimeRow | null;
  dense: RegimeRow | null;
  gain: Comparison['difference'] | null;
}

function toAccuracyNote(heldOut: Estimate | null, { compressed, dense, gain }: AccuracyPeers): string {
  if (heldOut === null) return 'on facts the repair never saw';
  const others = [compressed, dense].flatMap((row) => {
    const all = row?.accuracy.all;
    if (!row || !all) return [];
    const paired = row === compressed && gain !== null;
    const change = paired ? `, ${formatPoints(gain.value)} ${formatBrackets(gain)} from it, paired` : '';
    return [`${toRegimeLook(row.key).label.toLowerCase()} ${formatShare(all.value)} ${formatBrackets(all)}${change}`];
  });
  return [`${formatBrackets(heldOut)} on ${formatCount(heldOut.n)} items`, ...others].join('; ');
}

function toShareNote(row: RegimeRow | null, damage: Estimate | null): string {
  const share = row?.recovered;
  if (!share || damage === null) return 'share of the loss brought back';
  const change = { low: -damage.high, high: -damage.low };
  return `${formatBrackets(share, 0)} of the loss, ${formatPoints(-damage.value)} ${formatBrackets(change)}, paired`;
}

function toLatencyNote(
  row: RegimeRow | null,
  none: RegimeRow | null,
  comparisons: readonly TimeComparison[] | null,
): string {
  const [chosen, compressed] = [row?.latency?.ttftMs ?? null, none?.latency?.ttftMs ?? null];
  if (chosen === null) return 'median, routing included';
  const own = `[${formatInterval(chosen, formatMs)}] in ${formatCount(chosen.n)} runs`;
  if (compressed === null) return own;
  const change = comparisons?.find(
    ({ phase, first, second }) => phase === 'ttftMs' && first.key === row?.key && second.key === 'compressed',
  )?.difference;
  const paired = change === undefined ? '' : `, ${formatPercent(change.value)} ${formatBrackets(change)}, paired`;
  return `${own}; compressed ${formatMs(compressed.value)} [${formatInterval(compressed, formatMs)}]${paired}`;
}

function toSparsityNote(difference: number): string {
  return Math.abs(difference) < 0.0005 ? 'as compressed' : `${formatPoints(difference)} against compressed`;
}

function toParameterNote(chosen: RegimeRow | null, lora: RegimeRow | null): string {
  const own = chosen?.size?.repairParameters ?? null;
  if (chosen === null || own === null) return 'beside the model';
  if (chosen.key === 'lora-merged') return 'merged: none is kept apart at run time';
  const ratio = formatRatio(lora?.size?.repairParameters ?? null, own);
  return ratio === UNKNOWN ? 'kept apart at run time' : `LoRA-merged trains ${ratio} as many`;
}
