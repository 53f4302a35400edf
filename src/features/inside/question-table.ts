import type { PoolOutcome } from '../../core/inside/capture.ts';
import type { PoolKey } from '../../state/inside-state.ts';
import type { FigureExport } from '../../ui/charts/figure-export.ts';
import { formatScore } from '../../ui/charts/ScoreBars.tsx';
import { UNKNOWN } from '../../ui/format.ts';
import { type PoolScores, toPromptName, toRunnerUp } from './pool-words.ts';

/** Headings and rows of the table of one question. */
export const QUESTION_COLUMNS = ['Prompt', 'Mean attention', 'Place', 'Answer', 'Right', 'Confidence, nat per token'];

export function toQuestionRows(scored: PoolScores, outcome: PoolOutcome | null) {
  const runnerUp = toRunnerUp(scored)?.prompt ?? -1;
  return scored.scores.map((score, i) => {
    const answer = outcome?.answers[i];
    return {
      key: String(i),
      cells: [
        toPromptName(i),
        formatScore(score),
        i === scored.chosen ? 'chosen' : i === runnerUp ? 'runner-up' : '',
        answer === undefined ? 'not asked' : answer.text.trim(),
        toRightWord(answer?.isRight ?? null),
        formatConfidence(answer?.confidence ?? null),
      ],
    };
  });
}

function toRightWord(isRight: boolean | null): string {
  return isRight === null ? UNKNOWN : isRight ? 'right' : 'wrong';
}

/** A mean log-probability: never above 0, so its sign is always printed. */
export function formatConfidence(confidence: number | null): string {
  if (confidence === null || !Number.isFinite(confidence)) return UNKNOWN;
  return confidence.toFixed(confidence > -0.01 ? 4 : 2).replace('-', '−');
}

export function toQuestionExport(
  pack: string,
  pool: PoolKey,
  scored: PoolScores | null,
  outcome: PoolOutcome | null,
  date: string | null,
): FigureExport {
  const runnerUp = scored === null ? -1 : (toRunnerUp(scored)?.prompt ?? -1);
  return {
    pack,
    measure: `${pool}-routing`,
    date,
    columns: [
      { name: 'prompt' },
      { name: 'mean attention', unit: 'probability' },
      { name: 'chosen' },
      { name: 'runner-up' },
      { name: 'answer' },
      { name: 'right' },
      { name: 'confidence', unit: 'nat per token' },
    ],
    rows: (scored?.scores ?? []).map((score, i) => {
      const answer = outcome?.answers[i];
      const said = [answer?.text ?? null, answer?.isRight ?? null, answer?.confidence ?? null];
      return [i + 1, score, i === scored?.chosen, i === runnerUp, ...said];
    }),
  };
}
