import { differenceOfSums, estimateBySubject, type ShareEstimate, shareBySubject, sumBySubject } from './outcomes.ts';
import type { BootstrapOptions, Estimate } from './statistics.ts';

/** What happened to a fact under a type of repair, in the order of legends. */
export const FATES = ['never-known', 'kept', 'displaced', 'relearned', 'lost', 'broken'] as const;

export type Fate = (typeof FATES)[number];

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

/** What a repair made of facts. */
export interface FateReport {
  facts: number;
  /** Facts that the dense model knows. */
  known: number;
  fates: ReadonlyMap<Fate, FateCount>;
  /** Known facts that the variant gets wrong: displaced, relearned and lost ones. */
  damaged: number;
  /** Of the damaged facts, the share that the repair brings back without having seen them: the displaced ones. */
  heldOut: ShareEstimate | null;
  /** Of the damaged facts, the share that the repair brings back having seen them. */
  seen: ShareEstimate | null;
  /** Of the facts that the repair brings back having seen them, the share that it owes to having seen them: `1 - heldOut / seen`. */
  owedToSeeing: Estimate | null;
  /** Displaced facts minus broken ones, as a share of known facts: what stands of the gain when every fact counts. */
  net: Estimate | null;
}

/** Counts of fates with intervals over subjects. */
export function reportFates(outcomes: readonly FactOutcome[], options?: BootstrapOptions): FateReport {
  const facts = outcomes.map((outcome) => ({ ...outcome, fate: toFate(outcome) }));
  const known = facts.filter(({ dense }) => dense);
  const damaged = known.filter(isDamaged);
  const fates = FATES.map((fate): [Fate, FateCount] => {
    const among = fate === 'never-known' ? facts : known;
    const share = shareBySubject(among, (fact) => [Number(fact.fate === fate), 1], options);
    return [fate, { count: facts.filter((fact) => fact.fate === fate).length, share }];
  });
  return {
    facts: facts.length,
    known: known.length,
    fates: new Map(fates),
    damaged: damaged.length,
    heldOut: shareBySubject(damaged, ({ heldOut }) => [Number(heldOut), 1], options),
    seen: shareBySubject(damaged, ({ seen }) => [Number(seen), 1], options),
    owedToSeeing: estimateBySubject(
      damaged,
      ({ heldOut, seen }) => [Number(heldOut), Number(seen)],
      ([heldOut = 0, seen = 0]) => 1 - heldOut / seen,
      options,
    ),
    net: differenceOfSums(
      sumBySubject(known, ({ fate }) => [Number(fate === 'displaced') - Number(fate === 'broken'), 1]),
      options,
    ),
  };
}

/**
 * Displaced share of the damaged facts under a repair minus that under its null, the repair trained on shuffled answers:
 * the same facts, subjects drawn whole. Null where no fact has an outcome under both.
 */
export function displacedAboveNull(
  repair: readonly FactOutcome[],
  shuffled: readonly FactOutcome[],
  options?: BootstrapOptions,
): Estimate | null {
  const nulls = new Map(shuffled.map((outcome) => [outcome.factId, outcome]));
  const pairs = repair.filter(isDamaged).flatMap(({ factId, subject, heldOut }) => {
    const other = nulls.get(factId);
    return other === undefined ? [] : [{ subject, difference: Number(heldOut) - Number(other.heldOut) }];
  });
  return differenceOfSums(
    sumBySubject(pairs, ({ difference }) => [difference, 1]),
    options,
  );
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
