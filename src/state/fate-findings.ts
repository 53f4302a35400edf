import type { FactOutcome, FateReport } from '../core/eval/fates.ts';
import type { PairedOutcome } from '../core/eval/outcomes.ts';
import type { BootstrapOptions } from '../core/eval/statistics.ts';
import { toVerdict } from '../core/eval/verdict.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { FateFinding, FateFindings } from './fates-state.ts';
import { findRegime, NOT_ASKED, type OutcomeSet, toControlOutcomes, toFactOutcomes } from './outcome-set.ts';
import { TRAINED_KEYS, type TrainedKey } from './regimes.ts';

/** The repair with shuffled answers that a type is held against, as in `training/report.py`: prompts and prefixes a prompt's, LoRA a LoRA's. */
const NULL_OF: Record<TrainedKey, TrainedKey> = {
  prompt: 'prompt',
  idp: 'prompt',
  'idp-apart': 'prompt',
  prefix: 'prompt',
  'lora-merged': 'lora-merged',
  'lora-r1': 'lora-merged',
};

interface Null {
  key: TrainedKey;
  outcomes: readonly FactOutcome[];
  report: FateReport;
}

/**
 * The fates of all facts under every type of repair, `first` before the others; `onFound` is told after each. Resolves with the last
 * state, or with null once the signal aborts.
 */
export async function findFates(
  statistics: Statistics,
  set: OutcomeSet,
  {
    first,
    signal,
    onFound,
    ...bootstrap
  }: BootstrapOptions & { first: TrainedKey; signal: AbortSignal; onFound: (findings: FateFindings) => void },
): Promise<FateFindings | null> {
  const options: BootstrapOptions = bootstrap;
  const ofFolds = toPaired(set);
  const nulls = new Map<TrainedKey, Null | null>();

  async function toNull(key: TrainedKey): Promise<Null | null> {
    const known = nulls.get(NULL_OF[key]);
    if (known !== undefined) return known;
    const outcomes = toFactOutcomes(set, NULL_OF[key], true);
    const made =
      outcomes.length === 0
        ? null
        : { key: NULL_OF[key], outcomes, report: await statistics.compute('reportFates', outcomes, options) };
    nulls.set(NULL_OF[key], made);
    return made;
  }

  async function find(key: TrainedKey): Promise<FateFinding | null> {
    const outcomes = toFactOutcomes(set, key);
    if (outcomes.length === 0) return null;
    const report = await statistics.compute('reportFates', outcomes, options);
    const shuffled = await toNull(key);
    const aboveShuffled =
      shuffled && (await statistics.compute('displacedAboveNull', outcomes, shuffled.outcomes, options));
    const control = await statistics.compute('guessedShare', toControlOutcomes(set, key), options);
    const evidence = { report, aboveShuffled, control };
    return {
      ...evidence,
      key,
      isTransferred: findRegime(set.regimes, key, 'A')?.isTransferred ?? false,
      shuffled: shuffled && { key: shuffled.key, report: shuffled.report },
      verdict: toVerdict(evidence),
    };
  }

  let found: FateFindings = {
    set,
    damage: ofFolds.length === 0 ? null : await statistics.compute('difference', ofFolds, 0, 1, options),
    asked: { facts: 0, of: set.plan.facts.filter(({ fact }) => fact.fold !== 'control').length },
    findings: [],
    isComputing: true,
  };
  for (const key of [first, ...TRAINED_KEYS.filter((each) => each !== first)]) {
    if (signal.aborted) return null;
    const finding = await find(key);
    if (finding === null) continue;
    const findings = [...found.findings, finding];
    const facts = Math.max(found.asked.facts, finding.report.facts);
    found = { ...found, asked: { ...found.asked, facts }, findings: inOrder(findings) };
    if (!signal.aborted) onFound(found);
  }
  if (signal.aborted) return null;
  found = { ...found, isComputing: false };
  onFound(found);
  return found;
}

function inOrder(findings: readonly FateFinding[]): readonly FateFinding[] {
  return TRAINED_KEYS.flatMap((key) => findings.filter((each) => each.key === key));
}

/** Questions of both folds that dense and variant answered, `[dense, variant]`. */
function toPaired({ plan, regimes }: OutcomeSet): PairedOutcome[] {
  const dense = findRegime(regimes, 'dense', null)?.right;
  const variant = findRegime(regimes, 'compressed', null)?.right;
  return plan.items.flatMap(({ fact }, i) => {
    const right = [dense?.[i] ?? NOT_ASKED, variant?.[i] ?? NOT_ASKED];
    return right.includes(NOT_ASKED) || fact.fold === 'control'
      ? []
      : [{ subject: fact.subject, right: right.map((each) => each === 1) }];
  });
}
