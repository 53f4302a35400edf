import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { type KeyValue, promptLength, type Repair, type SoftPrompt } from '../recover/repair.ts';
import { type ForwardInput, forward } from './forward.ts';

/** What a repair adds to a forward pass: where the context begins, what it sees before itself, what stands beside the matrices. */
export type Help = Omit<ForwardInput, 'tokens'>;

/** Keys and values of a soft prompt alone, at the positions right before `start`. */
export function promptCache(checkpoint: Checkpoint, prompt: SoftPrompt, start: number): readonly KeyValue[] {
  const tokens = { data: prompt.vectors.data, width: checkpoint.config.hiddenSize };
  return forward(checkpoint, { tokens, start: start - promptLength(prompt) }).cache;
}

/** The help of a repair; `chosen` is the prompt of a pool. */
export function helpOf(checkpoint: Checkpoint, repair: Repair | null, chosen = 0): Help {
  if (repair === null) return { start: 0 };
  switch (repair.kind) {
    case 'prompt':
      return { start: promptLength(repair), past: promptCache(checkpoint, repair, promptLength(repair)) };
    case 'pool': {
      const prompt = repair.prompts[chosen];
      return prompt === undefined
        ? { start: repair.start }
        : { start: repair.start, past: promptCache(checkpoint, prompt, repair.start) };
    }
    case 'prefix':
      return { start: repair.numVectors, past: repair.layers };
    case 'lora':
      return { start: 0, lora: repair };
    default:
      return repair satisfies never;
  }
}
