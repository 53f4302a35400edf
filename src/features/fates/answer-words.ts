import type { Fact } from '../../core/eval/fact.ts';
import type { Column } from '../../state/board-state.ts';
import type { FactAnswer, FactAnswers, FactRole } from '../../state/fates-state.ts';
import type { FactFigures, FactLine } from './fact-rows.ts';

/** What a regime answers to a fact, as far as its words are known. */
export type AnswerWords =
  | { status: 'said'; text: string; isRight: boolean | null }
  | { status: 'asking' }
  | { status: 'failed' }
  /** All wrong: outcomes keep that, not the words. */
  | { status: 'not-recorded' }
  | { status: 'not-asked' };

/** Answers of this device that have words. */
export interface WordsHere {
  /** To the fact that is looked at, of the chosen repair; null without. */
  looked: FactAnswers | null;
  /** The board's columns where it asks this fact; empty where it asks another. */
  columns: readonly Column[];
}

/** The words of this device where there are any, else the right answer where a question was right: a right answer has its words. */
export function toAnswerWords(
  fact: Fact,
  { key }: Pick<FactLine, 'key'>,
  figures: FactFigures,
  { looked, columns }: WordsHere,
): AnswerWords {
  const { role, forms } = figures;
  const isLookedAt = looked !== null && (key === 'dense' || key === 'compressed' || key === looked.key);
  const answer = isLookedAt ? looked.answers.get(role) : undefined;
  // What is asked anew must not hide what the board has.
  const onBoard = findOnBoard(columns, key, figures);
  if (answer?.status === 'done') return toSaid(answer);
  if (onBoard !== null) return toSaid(onBoard);
  if (answer !== undefined) return { status: answer.status };
  if (forms.some((form) => form === true)) return { status: 'said', text: fact.answer, isRight: true };
  return { status: forms.every((form) => form === null) ? 'not-asked' : 'not-recorded' };
}

function toSaid({ text, isRight }: Pick<FactAnswer & { status: 'done' }, 'text' | 'isRight'>): AnswerWords {
  const words = text.trim();
  return { status: 'said', text: words === '' ? '(empty answer)' : words, isRight };
}

function findOnBoard(columns: readonly Column[], key: FactLine['key'], { role, isTransferred }: FactFigures) {
  for (const column of columns) {
    const isSame = column.key === key && column.transferred === isTransferred && toRole(column) === role;
    if (isSame && !column.isStale && column.cell.status === 'done') return column.cell.result;
  }
  return null;
}

function toRole({ key, exposure }: Column): FactRole | null {
  if (key === 'dense') return 'dense';
  if (key === 'compressed') return 'variant';
  return exposure === 'held-out' ? 'heldOut' : exposure === 'seen' ? 'seen' : null;
}
