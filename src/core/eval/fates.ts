import { mcnemar } from './mcnemar.ts';
import {
  differenceOfSums,
  drawnOf,
  estimateFigures,
  meanOf,
  type ShareEstimate,
  type SubjectEstimate,
  shareBySubject,
  shareOf,
  sumBySubject,
} from './outcomes.ts';
import type { BootstrapOptions } from './statistics.ts';

/** What happened to a fact under a type of repair, in the order of legends. */
export const FATES = ['never-known', 'kept', 'displaced', 'relearned', 'lost', 'broken'] as const;

export type Fate = (typeof FATES)[number];

/** What can become of a fact that compression lost. */
export const DAMAGED_FATES = ['displaced', 'relearned', 'lost'] as const satisfies readonly Fate[];

export type DamagedFate = (typeof DAMAGED_FATES)[number];

/** The same of a fact under each of four regimes: `heldOut` is the twin that was not trained on the fact, `seen` the one that was. */
export interface TwinAnswers<T> {
  dense: T;
  variant: T;
  heldOut: T;
  seen: T;
}

/** Whether a fact is known under each regime. */
export interface FactOutcome extends TwinAnswers<boolean> {
  factId: string;
  subject: string;
}

/** Whether a fact is known: at least 2 of its 3 question forms are right; null where a form has no answer, or there is none. */
export function isKnown(right: readonly (boolean | null)[]): boolean | null {
  if (right.length === 0 || right.includes(null)) return null;
  // In whole numbers, so that 2 of 3 is not lost to rounding.
  return 3 * right.filter((each) => each === true).length >= 2 * right.length;
}

/** A fact's outcome out of its answers per question form; null where a regime lacks a form. */
export function toFactOutcome(
  factId: string,
  subject: string,
  answers: TwinAnswers<readonly (boolean | null)[]>,
): FactOutcome | null {
  const [dense, variant, heldOut, seen] = [answers.dense, answers.variant, answers.heldOut, answers.seen].map(isKnown);
  if (dense == null || variant == null || heldOut == null || seen == null) return null;
  return { factId, subject, dense, variant, heldOut, seen };
}

/** The fate of a fact: of those that compression spared, the repair that never saw them keeps or breaks them. */
export function toFate({ dense, variant, heldOut, seen }: TwinAnswers<boolean>): Fate {
  if (!dense) return 'never-known';
  if (variant) return heldOut ? 'kept' : 'broken';
  if (heldOut) return 'displaced';
  return seen ? 'relearned' : 'lost';
}

/** How many facts had a fate, and their share of the facts that the dense model knows (of `never-known`: of all facts). */
export interface FateCount {
  count: number;
  share: ShareEstimate | null;
}

/** What a repair made of the damaged facts, those that the dense model knows and the variant gets wrong. */
export interface DamagedReport {
  damaged: number;
  /** Their share of each fate; displaced is what the repair brings back without having seen it. */
  ofDamaged: Readonly<Record<DamagedFate, ShareEstimate | null>>;
  /** The share that the repair brings back having seen them. */
  seen: ShareEstimate | null;
  /** Of the facts that the repair brings back having seen them, the share that it owes to having seen them: `1 - displaced / seen`. */
  owedToSeeing: SubjectEstimate | null;
}

/** What a repair made of facts. */
export interface FateReport extends DamagedReport {
  facts: number;
  /** Facts that the dense model knows. */
  known: number;
  fates: ReadonlyMap<Fate, FateCount>;
  /** Displaced facts minus broken ones, as a share of known facts: what stands of the gain when every fact counts. */
  net: SubjectEstimate | null;
}

/** Counts of fates with intervals over subjects. */
export function reportFates(outcomes: readonly FactOutcome[], options?: BootstrapOptions): FateReport {
  const facts = outcomes.map(({ subject, dense, ...others }) => ({
    subject,
    dense,
    fate: toFate({ dense, ...others }),
  }));
  const known = facts.filter(({ dense }) => dense);
  const sums = sumBySubject(known, ({ fate }) => [
    ...FATES.map((each) => Number(each === fate)),
    Number(fate === 'displaced') - Number(fate === 'broken'),
    1,
  ]);
  const [netPlace, allPlace] = [FATES.length, FATES.length + 1];
  const figures = [meanOf(netPlace, allPlace), ...FATES.map((_, i) => shareOf(i, allPlace))];
  const [net = null, ...shares] = estimateFigures(sums, known.length, figures, options);
  const neverKnown = shareBySubject(facts, ({ dense }) => [Number(!dense), 1], options);
  const fates = FATES.map((fate, i): [Fate, FateCount] => {
    const share = fate === 'never-known' ? neverKnown : (shares[i] ?? null);
    return [fate, { count: facts.filter((fact) => fact.fate === fate).length, share }];
  });
  return {
    facts: facts.length,
    known: known.length,
    fates: new Map(fates),
    net,
    ...reportDamaged(outcomes, options),
  };
}

/** The part of the report that tells of damaged facts, with intervals over subjects. */
export function reportDamaged(outcomes: readonly FactOutcome[], options?: BootstrapOptions): DamagedReport {
  const damaged = outcomes.filter(isDamaged);
  const sums = sumBySubject(damaged, (outcome) => {
    const fate = toFate(outcome);
    return [...DAMAGED_FATES.map((each) => Number(each === fate)), Number(outcome.seen), 1];
  });
  const figures = [
    ...[0, 1, 2, 3].map((place) => shareOf(place, 4)),
    drawnOf(([displaced = 0, , , seen = 0]) => 1 - displaced / seen),
  ];
  const estimates = estimateFigures(sums, damaged.length, figures, options);
  const [displaced = null, relearned = null, lost = null, seen = null, owedToSeeing = null] = estimates;
  return { damaged: damaged.length, ofDamaged: { displaced, relearned, lost }, seen, owedToSeeing };
}

/** A difference on the same facts, with the p-value of a paired test, two-sided. */
export interface PairedDifference extends SubjectEstimate {
  p: number;
}

/**
 * Displaced share of the damaged facts under a repair minus that under its null, the repair trained on shuffled answers:
 * the same facts, subjects drawn whole; p by McNemar's exact test over subjects. Null where no fact has an outcome under both.
 */
export function displacedAboveNull(
  repair: readonly FactOutcome[],
  shuffled: readonly FactOutcome[],
  options?: BootstrapOptions,
): PairedDifference | null {
  const nulls = new Map(shuffled.map((outcome) => [outcome.factId, outcome]));
  const pairs = repair.filter(isDamaged).flatMap(({ factId, subject, heldOut }) => {
    const other = nulls.get(factId);
    return other === undefined ? [] : [{ subject, difference: Number(heldOut) - Number(other.heldOut) }];
  });
  const clusters = sumBySubject(pairs, ({ difference }) => [difference, 1]);
  const found = differenceOfSums(clusters, options);
  return found && { ...found, p: mcnemar(clusters.map(([sum = 0]) => sum)) };
}

/** A control fact, which pretraining never saw; nor did any twin of a repair. */
export interface ControlOutcome {
  subject: string;
  variant: boolean;
  /** Whether each twin answers it. */
  twins: readonly boolean[];
}

/**
 * What guessing brings back: of control facts that the variant gets wrong, the share that a repair gets right, each twin counted;
 * it stands beside the displaced share of the damaged facts. Null without such facts.
 */
export function guessedShare(outcomes: readonly ControlOutcome[], options?: BootstrapOptions): ShareEstimate | null {
  const guesses = outcomes
    .filter(({ variant }) => !variant)
    .flatMap(({ subject, twins }) => twins.map((isRight) => ({ subject, isRight })));
  return shareBySubject(guesses, ({ isRight }) => [Number(isRight), 1], options);
}

/** Known to the dense model, wrong under the variant. */
function isDamaged({ dense, variant }: TwinAnswers<boolean>): boolean {
  return dense && !variant;
}
