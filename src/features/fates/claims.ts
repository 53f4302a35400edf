import type { TimeComparison } from '../../core/eval/compare-times.ts';
import type { Comparison } from '../../core/eval/comparisons.ts';
import type { PackManifest } from '../../core/pack/manifest.ts';
import type { ComparisonsPhase } from '../../state/comparisons-state.ts';
import type { Median, ResultSet, ResultSource } from '../../state/results.ts';
import { toOutcomeText } from '../../ui/comparison-words.ts';
import {
  formatBrackets,
  formatCount,
  formatDate,
  formatInterval,
  formatMs,
  formatP,
  formatPoints,
  formatRatio,
  formatShare,
  UNKNOWN,
} from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** A claim of the paper beside what this model gives. */
export interface Claim {
  id: string;
  paper: string;
  /** A sentence each, without its full stop. */
  here: readonly string[];
  source: string;
}

export interface ClaimInput {
  /** Paired comparisons of the recipe, of the same source as the fates beside them. */
  comparisons: ComparisonsPhase;
  /** Of these fates. */
  source: ResultSource;
  manifest: PackManifest;
  recipeId: string | null;
  /** Timed results of the recipe; null without any. */
  timed: ResultSet | null;
}

/** The paper's three claims against the model's own figures; every row says where its figures come from. */
export function toClaims({ comparisons, source, manifest, recipeId, timed }: ClaimInput): readonly Claim[] {
  return [
    {
      id: 'accuracy',
      paper: 'prompts with IDP are as accurate as LoRA or better',
      here: [toAccuracyText(comparisons)],
      source: toSourceWords(source),
    },
    {
      id: 'parameters',
      paper: '21 times fewer extra parameters',
      here: [toParameterText(manifest, recipeId)],
      source: 'counted in the pack’s files',
    },
    {
      id: 'latency',
      paper: '60 % less inference latency',
      here: toLatencyTexts(timed),
      source: timed === null ? 'nothing was timed' : toSourceWords(timed.source),
    },
  ];
}

/** The declared comparison that the claim is about; null where the recipe has none. */
export function findClaimed(comparisons: ComparisonsPhase): Comparison | null {
  if (comparisons.status !== 'ready') return null;
  return (
    comparisons.of.declared.find(({ first, second }) => first.key === 'idp' && second.key === 'lora-merged') ?? null
  );
}

function toAccuracyText(comparisons: ComparisonsPhase): string {
  if (comparisons.status === 'loading') return 'Being compared';
  if (comparisons.status === 'failed') return 'Could not be compared';
  const found = findClaimed(comparisons);
  if (comparisons.status === 'none' || found === null) return 'Not asked for this recipe';
  // The same words as in the list of comparisons: decided only after Holm over the declared family.
  const outcome = toOutcomeText(found, comparisons.of);
  return `IDP minus LoRA-merged on facts that neither saw: ${formatPoints(found.difference.value)} ${formatBrackets(found.difference)}, ${outcome}`;
}

function toParameterText({ repairs }: PackManifest, recipeId: string | null): string {
  const find = (belongs: (repair: PackManifest['repairs'][number]) => boolean) =>
    repairs.find((repair) => repair.recipeId === recipeId && !repair.shuffledAnswers && belongs(repair))?.parameters ??
    null;
  const idp = find((repair) => repair.kind === 'pool' && repair.trained === 'routed');
  const lora = find((repair) => repair.kind === 'lora' && repair.r > 1);
  if (idp === null || lora === null) return 'No repairs were trained for this recipe';
  const ratio = formatRatio(lora, idp).replace('×', '');
  return `${formatCount(idp)} for IDP, ${formatCount(lora)} for LoRA r=8: ${ratio} times fewer`;
}

/** The paper times whole answers, so both parts of one stand here. */
function toLatencyTexts(timed: ResultSet | null): readonly string[] {
  const texts = [
    toLatencyText(timed, 'ttftMs', 'First token'),
    toLatencyText(timed, 'perTokenMs', 'Per further token'),
  ].filter((text) => text !== null);
  return texts.length === 0 ? ['IDP was not timed for this recipe'] : texts;
}

function toLatencyText(timed: ResultSet | null, wanted: TimeComparison['phase'], label: string): string | null {
  const read = (key: 'idp' | 'lora-merged' | 'lora-unmerged') =>
    timed?.rows.find((row) => row.key === key)?.latency?.[wanted] ?? null;
  const idp = read('idp');
  if (idp === null) return null;
  const others = (['lora-unmerged', 'lora-merged'] as const).flatMap((key) => {
    const other = read(key);
    if (other === null) return [];
    const paired = timed?.timeComparisons?.find(
      ({ phase, first, second }) => phase === wanted && first.key === 'idp' && second.key === key,
    );
    const change = paired === undefined ? `${toChange(idp.value, other.value)}, unpaired` : toPairedChange(paired);
    return [`${toRegimeLook(key).label} ${toMedianText(other)}, IDP ${change}`];
  });
  return [`${label}: IDP ${toMedianText(idp)}`, ...others].join('; ');
}

function toMedianText(median: Median): string {
  const interval = median.low === null ? '' : ` [${formatInterval(median, formatMs)}]`;
  return `${formatMs(median.value)}${interval}`;
}

/** `12 % more`, of medians. */
function toChange(value: number, other: number): string {
  if (!(other > 0)) return UNKNOWN;
  const percent = Math.round((value / other - 1) * 100);
  return percent === 0 ? 'the same' : `${Math.abs(percent)}\u00a0% ${percent < 0 ? 'less' : 'more'}`;
}

/** `12 % more [9, 14], p after Holm 0.003`, of the same rounds. */
function toPairedChange({ difference, isExploratory, adjustedP, isEarly }: TimeComparison): string {
  const { value, low, high } = difference;
  const [from, to] = value < 0 ? [-high, -low] : [low, high];
  const words = `${formatShare(Math.abs(value), 0)} ${value < 0 ? 'less' : 'more'} ${formatBrackets({ low: from, high: to }, 0)}`;
  if (isEarly) return `${words}, too few rounds to tell`;
  return isExploratory ? `${words}, exploratory` : `${words}, p after Holm ${formatP(adjustedP)}`;
}

function toSourceWords({ kind, device, date }: { kind: string; device: string; date: string }): string {
  return `${kind === 'live' ? 'measured here' : kind} on ${device.split(', ')[0] ?? device}, ${formatDate(date)}`;
}
