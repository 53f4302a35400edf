import type { FactOutcome, FateReport } from '../core/eval/fates.ts';
import type { PairedOutcome, ShareEstimate } from '../core/eval/outcomes.ts';
import type { BootstrapOptions } from '../core/eval/statistics.ts';
import { toVerdict } from '../core/eval/verdict.ts';
import type { Statistics } from '../engine/statistics-client.ts';
import type { DosePoint, DoseShares, FateFinding, FateFindings } from './fates-state.ts';
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
  const nulls = new Map<TrainedKey, Null | null>();
  const numFacts = set.plan.facts.filter(({ fact }) => fact.fold !== 'control').length;

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
    const guesses = toControlOutcomes(set, key);
    const control = await statistics.compute('guessedShare', guesses, options);
    const evidence = { report, aboveShuffled, seenShuffled: shuffled?.report.seen ?? null, control };
    const areAllAsked =
      report.facts === numFacts &&
      (shuffled === null || shuffled.report.facts === numFacts) &&
      (guesses.length === 0 || guesses.length === set.plan.facts.length - numFacts);
    return {
      ...evidence,
      key,
      isTransferred: findRegime(set.regimes, key, 'A')?.isTransferred ?? false,
      shuffled: shuffled && { key: shuffled.key, report: shuffled.report },
      verdict: areAllAsked ? toVerdict(evidence) : null,
    };
  }

  let found: FateFindings = {
    set,
    asked: { facts: 0, of: numFacts },
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

/** The same of a recipe in short, for one point of the dose. */
export async function findDose(statistics: Statistics, set: OutcomeSet): Promise<Pick<DosePoint, 'damage' | 'shares'>> {
  const shares: DoseShares[] = [];
  const nulls = new Map<TrainedKey, ShareEstimate | null>();
  for (const key of TRAINED_KEYS) {
    const outcomes = toFactOutcomes(set, key);
    if (outcomes.length === 0) continue;
    const nullKey = NULL_OF[key];
    if (!nulls.has(nullKey)) {
      const shuffled = await statistics.compute('reportDamaged', toFactOutcomes(set, nullKey, true));
      nulls.set(nullKey, shuffled.ofDamaged.displaced);
    }
    shares.push({
      key,
      ...(await statistics.compute('reportDamaged', outcomes)),
      shuffled: nulls.get(nullKey) ?? null,
      control: await statistics.compute('guessedShare', toControlOutcomes(set, key)),
    });
  }
  return { damage: await statistics.compute('difference', toDamagePairs(set), 0, 1), shares };
}

/** Questions of both folds that the dense model and the variant answered. */
function toDamagePairs({ plan, regimes }: OutcomeSet): PairedOutcome[] {
  const sides = [findRegime(regimes, 'dense', null), findRegime(regimes, 'compressed', null)];
  return plan.items.flatMap(({ fact: { fold, subject } }, i) => {
    if (fold !== 'A' && fold !== 'B') return [];
    const right = sides.map((side) => side?.right[i] ?? NOT_ASKED);
    return right.includes(NOT_ASKED) ? [] : [{ subject, right: right.map((each) => each === 1) }];
  });
}
