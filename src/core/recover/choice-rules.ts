import { AppError } from '../errors.ts';

/** Which prompt of a pool a rule takes, and how close it was. */
export interface Choice {
  chosen: number;
  /** The second best; the chosen one itself in a pool of one. */
  runnerUp: number;
  /** Score of the chosen minus that of the runner-up. */
  margin: number;
}

/** How one prompt of a pool is chosen from its prompts' scores, which are of the context alone: never of what is scored behind it. */
export interface ChoiceRule {
  id: string;
  label: string;
  choose(scores: ArrayLike<number>): Choice;
}

/** Largest score; the first one on a tie. Throws `run-failed` for scores that are no numbers. */
export function chooseLargest(scores: ArrayLike<number>): Choice {
  const ranked = Array.from(scores, (score, index) => ({ score, index })).sort(
    (a, b) => b.score - a.score || a.index - b.index,
  );
  const [first, second = first] = ranked;
  if (first === undefined || second === undefined || ranked.some(({ score }) => !Number.isFinite(score))) {
    throw new AppError('run-failed', 'The routing scores are no finite numbers. Load the model again.', {
      observed: Array.from(scores).join(', '),
      allowed: 'finite numbers',
    });
  }
  return { chosen: first.index, runnerUp: second.index, margin: first.score - second.score };
}

/** Every rule by its id; their scores come from the engine or `reference/routing.ts`. */
export const CHOICE_RULES: ReadonlyMap<string, ChoiceRule> = new Map([
  // Hoang et al. 2023, arXiv 2310.00867, as docs/pack-format.md fixes it.
  ['attention', { id: 'attention', label: 'Largest mean attention in the first layer', choose: chooseLargest }],
]);
