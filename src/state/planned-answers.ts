import { NOT_ASKED, type OutcomePlan } from './outcome-set.ts';
import type { Outcome } from './result-book.ts';

/** What a regime answered of a plan. */
export interface PlannedAnswers {
  /** 1 right, 0 wrong, or `NOT_ASKED`. */
  right: Uint8Array; // [items]
  /** Mean probability of the right answer over a fact's forms, NaN where one was not asked. */
  probabilities: Float32Array; // [facts]
}

const kept = new WeakMap<ReadonlyMap<string, Outcome>, { plan: OutcomePlan; size: number; answers: PlannedAnswers }>();

/**
 * A regime's answers in the order of a plan. Looking up thousands takes a few milliseconds a regime, many times a minute while a run goes
 * on: they are looked up anew only where there are more than before, since answers are only ever added.
 */
export function toPlannedAnswers(outcomes: ReadonlyMap<string, Outcome>, plan: OutcomePlan): PlannedAnswers {
  const known = kept.get(outcomes);
  if (known?.plan === plan && known.size === outcomes.size) return known.answers;
  const right = new Uint8Array(plan.items.length).fill(NOT_ASKED);
  const probabilities = Float32Array.from(plan.facts, ({ firstItem, forms }) => {
    let sum = 0;
    for (let i = firstItem; i < firstItem + forms; i++) {
      const outcome = outcomes.get(plan.items[i]?.id ?? '');
      if (outcome !== undefined) right[i] = Number(outcome.isRight);
      sum += Math.exp(outcome?.logLikelihood ?? Number.NaN);
    }
    return sum / forms;
  });
  const answers = { right, probabilities };
  kept.set(outcomes, { plan, size: outcomes.size, answers });
  return answers;
}
