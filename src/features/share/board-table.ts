import type { BoardState, Column } from '../../state/board-state.ts';
import type { ResultSource, RoutingResult } from '../../state/results.ts';
import type { ExportCell, FigureExport } from '../../ui/charts/figure-export.ts';
import { SOURCE_COLUMNS, toSourceCells } from '../../ui/source-columns.ts';

/** What the board says now. */
export interface BoardAnswers {
  recipeLabel: string;
  board: Pick<BoardState, 'question' | 'columns' | 'sampling' | 'textPrompt'>;
  /** Where it was answered. */
  source: ResultSource;
}

/** The answers on the board, one run each, a row per regime; those from before the last change of recipe or choice are left out. */
export function toBoard(pack: string, answers: BoardAnswers | null): FigureExport {
  return {
    pack,
    measure: 'board',
    date: null,
    columns: [
      ...['recipe', 'question', 'right answer', 'regime', 'transferred', 'fact'].map((name) => ({ name })),
      ...['text prompt', 'temperature', 'top k', 'seed', 'answer', 'ended by', 'right'].map((name) => ({ name })),
      { name: 'probability of the right answer', unit: 'share' },
      { name: 'first token', unit: 'ms' },
      { name: 'routing', unit: 'ms' },
      { name: 'speed', unit: 'tokens per second' },
      { name: 'tokens' },
      { name: 'prompt chosen' },
      { name: 'runner-up' },
      { name: 'attention ahead of the runner-up' },
      { name: 'attention to every prompt' },
      ...SOURCE_COLUMNS,
    ],
    rows: answers === null ? [] : answers.board.columns.flatMap((column) => toRows(answers, column)),
  };
}

function toRows({ recipeLabel, board, source }: BoardAnswers, column: Column): readonly (readonly ExportCell[])[] {
  const { key, cell, isStale, transferred, exposure } = column;
  if (cell.status !== 'done' || isStale) return [];
  const { question, textPrompt } = board;
  const { temperature, topK, seed } = board.sampling;
  const { text, stopReason, isRight, answerProbability, ttftMs, routingMs, tokensPerSecond, numTokens, routing } =
    cell.result;
  return [
    [
      ...[recipeLabel, question.text, question.fact?.answer ?? null, key, transferred, exposure],
      ...[key === 'text' ? textPrompt : null, temperature, topK, seed, text, stopReason, isRight],
      ...[answerProbability, ttftMs, routingMs, tokensPerSecond, numTokens],
      ...toRoutingCells(routing),
      ...toSourceCells(source),
    ],
  ];
}

function toRoutingCells(routing: RoutingResult | null): readonly ExportCell[] {
  if (routing === null) return [null, null, null, null];
  const { chosen, runnerUp, margin, scores } = routing;
  return [chosen + 1, runnerUp + 1, margin, scores.join(' ')];
}
