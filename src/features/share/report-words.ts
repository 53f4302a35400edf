import { DEFAULT_SEED } from '../../core/eval/statistics.ts';
import { toVerdictSentence, VERDICT_RULES } from '../../core/eval/verdict.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { RESAMPLES } from '../../state/estimates.ts';
import { ITEM_SEED } from '../../state/evaluation-plan.ts';
import type { FindingsPhase } from '../../state/fates-state.ts';
import type { ResultSet } from '../../state/results.ts';
import { formatCount } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';
import { countDiscarded, toRunText } from '../../ui/timing-words.ts';

/** What the facts say of a repair, and by which of `VERDICT_RULES`, counted from 1. */
export interface ReportVerdict {
  sentence: string;
  rule: number;
}

/** What the facts say of each repair in sight, a sentence each; none of one before every fact was asked. */
export function toVerdicts(phase: FindingsPhase, shown: readonly RegimeKey[]): readonly ReportVerdict[] {
  if (phase.status !== 'ready') return [];
  return phase.of.findings.flatMap(({ key, verdict, isTransferred }) => {
    if (verdict === null || !shown.includes(key)) return [];
    const sentence = toVerdictSentence(verdict, toRegimeLook(key).label);
    return {
      sentence: isTransferred ? `${sentence} Its repairs were trained for another recipe.` : sentence,
      rule: VERDICT_RULES.findIndex(({ kind }) => kind === verdict.kind) + 1,
    };
  });
}

/** How the figures of a report were made, a sentence each. */
export function toMethodNotes({ rows, source }: ResultSet): readonly string[] {
  const discarded = countDiscarded(rows.map(({ latency }) => latency));
  const resolution = rows.map(({ latency }) => latency?.timerResolutionMs ?? null).find((ms) => ms !== null);
  return [
    'Accuracy is exact match of the whole answer, every regime on the same items. Held-out: the repair never saw the fact; seen: its twin was trained on it.',
    `Intervals are 95 %, subjects are their units: Wilson where each subject has one item, else ${formatCount(RESAMPLES.final)} draws of a cluster bootstrap (seed ${DEFAULT_SEED}).`,
    'Comparisons are paired by item: an exact McNemar test over subjects, adjusted by Holm over the declared family. Nothing is decided before the number of items set beforehand. Times are paired by round: an exact sign test, both times one family for Holm.',
    'Damage recovered is hidden while the interval of the damage touches 0.',
    `Latency: medians with bootstrap intervals, warm-up excluded, regimes interleaved${toRounds(discarded)}. ${toRunText(rows.map(({ latency }) => latency)).trim()}${resolution === undefined ? '' : ` Smallest step of the timer: ${resolution} ms.`}`,
    `Items come in one seeded order (seed ${ITEM_SEED}); decoding is greedy.${source.isSoftware ? ' The adapter is software: its times say nothing of a GPU.' : ''}`,
  ];
}

function toRounds(discarded: number): string {
  return discarded === 0
    ? ''
    : `, ${discarded} slowed or disturbed ${discarded === 1 ? 'round' : 'rounds'} thrown away`;
}
