import { AppError } from '../core/errors.ts';
import { type RequestEncoding, toTokenRequests } from '../core/harness/requests.ts';
import type { Prompt } from '../core/harness/task.ts';
import { moveTrailingSpace } from '../core/harness/white-space.ts';
import type { BoundRegime } from './bound-regime.ts';
import { toItem } from './document-scoring.ts';
import { answerGreedily, type GreedyAnswer, type GreedyItem } from './greedy-answers.ts';
import { range } from './help.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { EngineCalls } from './protocol.ts';
import { choosePrompts, type PackedOptions, type TokenItem } from './scoring.ts';

type Written = EngineCalls['writeAnswers']['output'][number];

export interface WritingOptions extends PackedOptions {
  /** Most tokens of a prompt with its right answer that the model reads at once, as where it is scored. */
  maxTokens: number;
  /** Tokens of an answer at most, end token included; a right answer that is longer has room too. */
  maxNewTokens: number;
  /** Told the answers that are whole, of all. */
  onProgress?: ((progress: EngineCalls['writeAnswers']['event']) => void) | undefined;
}

/**
 * What a regime writes by itself behind the contexts of `generate_until` prompts, in their order: greedily, packed into rows, behind the
 * tokens and the prompt of a pool that the right answer is scored behind, so that a right answer is written as it is spelled. Throws
 * `input-invalid` for another kind of prompt or one that cannot be asked, and `stopped` between two runs.
 */
export async function writeAnswers(
  model: LoadedModel,
  bound: BoundRegime,
  prompts: readonly Prompt[],
  { maxTokens, maxNewTokens, onProgress, ...options }: WritingOptions,
): Promise<Written[]> {
  const { bosTokenId: beginId, eosTokenId: endTokenId } = model.checkpoint.config;
  const encoding = { encode: model.tokenizer.encode, beginId, endId: endTokenId, maxTokens };
  const items = prompts.map((prompt) => toWritingItem(model, bound, prompt, encoding));
  const chosen = await choosePrompts(bound, items, options.rowLength);
  let done = 0;
  const onSettled = (count: number) => {
    done += count;
    onProgress?.({ done, total: prompts.length });
  };
  const answers = new Map<number, GreedyAnswer>();
  for (const [prompt, help] of bound.helps.entries()) {
    const members = range(0, items.length).filter((i) => (chosen?.[i] ?? 0) === prompt);
    const room = help.cache.capacity - help.cache.base;
    const asked = members.flatMap((i) => toGreedyItem(items[i], maxNewTokens, room));
    const said = await answerGreedily(bound, help, asked, { ...options, maxNewTokens, endTokenId, onSettled });
    for (const [at, answer] of said.entries()) answers.set(members[at] ?? 0, answer);
  }
  return prompts.map((prompt, i) => {
    const { ids, hasEnded } = answers.get(i) ?? { ids: [], hasEnded: false };
    return { text: toText(prompt, model.tokenizer.decode(ids)), hasEnded };
  });
}

function toWritingItem(model: LoadedModel, bound: BoundRegime, prompt: Prompt, encoding: RequestEncoding): TokenItem {
  const requests = prompt.outputType === 'generate_until' ? toTokenRequests(prompt, encoding) : [];
  const [request] = requests;
  if (request !== undefined) return toItem(model, bound, request, requests);
  throw new AppError('input-invalid', 'Only answers to closed-book tasks are written out. Ask for those.', {
    field: 'outputType',
    observed: prompt.outputType,
    allowed: 'generate_until',
  });
}

/** As long as the right answer at least, so that one that begins like it is told from it. */
function toGreedyItem(item: TokenItem | undefined, maxNewTokens: number, room: number): readonly GreedyItem[] {
  if (item === undefined) return [];
  const { context, target } = item;
  const fitting = room - context.length + 1; // the last token is only predicted
  return [{ context, guesses: [], maxNewTokens: Math.min(Math.max(maxNewTokens, target.length), fitting) }];
}

/** The harness leaves the space at a context's end where it is: what was written of it again is no part of the answer. */
function toText({ context }: Prompt, written: string): string {
  const [, moved] = moveTrailingSpace(context, '');
  return written.startsWith(moved) ? written.slice(moved.length) : written;
}
