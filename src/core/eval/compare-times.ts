import { AppError } from '../errors.ts';
import type { RegimeKey } from '../recover/regime.ts';
import { type Compared, type Comparison, decide, type Side, toDeclared, toExploratory } from './comparisons.ts';
import { mcnemar } from './mcnemar.ts';
import { itemsNeeded } from './power.ts';
import { type BootstrapOptions, type Estimate, medianInterval } from './statistics.ts';

/** Which time of a run is compared. */
export const TIME_PHASES = ['ttftMs', 'perTokenMs'] as const;
export type TimePhase = (typeof TIME_PHASES)[number];

/** The timed runs of a regime, one a round, in the order of the rounds. */
export interface TimedRegime extends Readonly<Record<TimePhase, readonly number[]>> {
  key: RegimeKey;
  /** Regimes with the same start were timed in turns, so that their runs pair by round; null where it is not known. */
  startedAt: string | null;
}

/** A comparison of one time of two regimes. */
export interface TimeComparison extends Comparison {
  phase: TimePhase;
}

/** By how much one time is longer than another of the same round, as a share of the other, with what a paired test says of it. */
export interface TimeChange extends Estimate {
  /** Exact sign test over rounds, two-sided. */
  p: number;
  rounds: number;
}

/** Whose time that of every regime is also held against, outside of the declared family: the paper's drawing begins there. */
const REFERENCE: RegimeKey = 'lora-unmerged';

/**
 * The median over rounds of `first / second - 1`, its percentile bootstrap interval (rounds drawn, each with both times), and the exact
 * sign test of the same median (Dixon and Mood 1946; rounds in which both took as long tell nothing). Null without rounds, and where a
 * time is below what the clock tells. Throws `input-invalid` where the runs do not pair.
 */
export function changeOfTimes(
  first: readonly number[],
  second: readonly number[],
  options?: BootstrapOptions,
): TimeChange | null {
  if (first.length !== second.length) {
    throw new AppError('input-invalid', `${first.length} runs cannot be paired with ${second.length}.`, {
      field: 'runs',
      observed: `${first.length} and ${second.length}`,
      allowed: 'as many of both',
    });
  }
  if (first.length === 0 || [...first, ...second].some((time) => !(time > 0))) return null;
  const changes = first.map((time, round) => time / (second[round] ?? Number.NaN) - 1);
  return { ...medianInterval(changes, options), p: mcnemar(changes.map(Math.sign)), rounds: changes.length };
}

/**
 * The declared comparisons of times, as far as regimes were timed in turns: each recovery against none and IDP against LoRA-merged, time
 * to the first token and per further token, one family for Holm. Behind them, exploratory, every other regime against LoRA unmerged.
 * Nothing is decided before `presetRounds`.
 */
export function compareTimes(
  regimes: readonly TimedRegime[],
  presetRounds: number,
  options?: BootstrapOptions,
): TimeComparison[] {
  const pairs = toDeclared(regimes.map(({ key }) => key)).filter(([, { exposure }]) => exposure === 'held-out');
  const others = regimes.flatMap(({ key }) => (key === REFERENCE ? [] : [[toSide(key), toSide(REFERENCE)] as const]));
  const compareAll = (sides: readonly (readonly [Side, Side])[]) =>
    TIME_PHASES.flatMap((phase) =>
      sides.flatMap(([first, second]) => {
        const find = ({ key }: Side) => regimes.find((regime) => regime.key === key);
        const compared = compare(find(first), find(second), { phase, presetRounds, options });
        return compared === null ? [] : [{ phase, compared }];
      }),
    );
  const [declared, exploratory] = [compareAll(pairs), compareAll(others)];
  const decided = decide(declared.map(({ compared }) => compared));
  return [
    ...decided.flatMap((comparison, i) => {
      const phase = declared[i]?.phase;
      return phase === undefined ? [] : [{ ...comparison, phase }];
    }),
    ...exploratory.map(({ phase, compared }) => ({ ...toExploratory(compared), phase })),
  ];
}

function toSide(key: RegimeKey): Side {
  return { key, exposure: 'held-out' };
}

interface CompareOptions {
  phase: TimePhase;
  presetRounds: number;
  options: BootstrapOptions | undefined;
}

/** Two regimes that took turns; null for any others. */
function compare(
  first: TimedRegime | undefined,
  second: TimedRegime | undefined,
  { phase, presetRounds, options }: CompareOptions,
): Compared | null {
  if (first === undefined || second === undefined) return null;
  const haveTurns = first.startedAt !== null && first.startedAt === second.startedAt;
  if (!haveTurns || first[phase].length !== second[phase].length) return null;
  const change = changeOfTimes(first[phase], second[phase], options);
  if (change === null) return null;
  const { p, rounds, ...estimate } = change;
  const signs = first[phase].map((time, round) => Math.sign(time - (second[phase][round] ?? Number.NaN)));
  return {
    comparison: {
      first: toSide(first.key),
      second: toSide(second.key),
      difference: { ...estimate, method: 'round-bootstrap' },
      p,
      items: rounds,
      subjects: null,
      isEarly: rounds < presetRounds,
    },
    // The sign test is McNemar's, of rounds in which the one or the other took longer.
    toSampleSize: (alpha) => itemsNeeded(signs, rounds, { alpha }),
  };
}
