import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { AppError } from '../core/errors.ts';

/** Refuses ids that the model has no embedding for (`tokenizer-invalid`); on a GPU they would read whatever lies behind the table. */
export function checkIds({ vocabSize }: ModelConfig, ids: readonly number[]): void {
  const bad = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
  if (bad === undefined) return;
  const message = `The tokenizer gave id ${bad}; the model knows ids below ${vocabSize}. Load tokenizer and model of one folder.`;
  throw new AppError('tokenizer-invalid', message, { observed: bad, allowed: vocabSize - 1 });
}
