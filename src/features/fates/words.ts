import { toVerdictSentence, VERDICT_RULES, type Verdict } from '../../core/eval/verdict.ts';
import type { FateFinding, FateFindings } from '../../state/fates-state.ts';
import { formatCount } from '../../ui/format.ts';
import { toRegimeLook } from '../../ui/regime-look.ts';

/** The verdict on a type of repair, or why there is none yet. */
export function toSentence({ asked, isComputing }: FateFindings, finding: FateFinding | undefined): string {
  if (asked.facts < asked.of) {
    return `The verdict waits until every fact was asked: ${formatCount(asked.facts)} of ${formatCount(asked.of)} so far.`;
  }
  if (finding === undefined) {
    return isComputing ? 'Computing the intervals.' : 'No repair of this kind was asked for this recipe.';
  }
  const { label } = toRegimeLook(finding.key);
  if (finding.verdict === null) {
    return `The verdict on ${label} waits until every fact was asked of it and of what it is held against.`;
  }
  const sentence = toVerdictSentence(finding.verdict, label);
  return finding.isTransferred ? `${sentence} Its repairs were trained for another recipe.` : sentence;
}

/** The rule that a verdict follows from. */
export function toRule(verdict: Verdict): string {
  return VERDICT_RULES.find(({ kind }) => kind === verdict.kind)?.when ?? '';
}

/** What stands for luck beside the repairs of the set, or that it is missing. */
export function toNullText({ findings }: FateFindings): string {
  const hasShuffled = findings.some(({ shuffled }) => shuffled !== null);
  if (findings.length === 0) return '';
  if (!hasShuffled) {
    return 'For this recipe no repair was trained on shuffled answers: what control subjects give stands alone for luck.';
  }
  return 'Prompts and prefixes stand beside a prompt that was trained on shuffled answers, LoRA beside such a LoRA; both beside what control subjects give.';
}

/** How many facts of the set had which fate before any repair. */
export function toBaseText({ findings }: FateFindings): string {
  const report = findings[0]?.report;
  if (report === undefined) return '';
  const { facts, known, damaged } = report;
  return `Of ${formatCount(facts)} facts the dense model knows ${formatCount(known)}; compression loses ${formatCount(damaged)} of them and spares ${formatCount(known - damaged)}.`;
}
