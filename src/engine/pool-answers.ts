import { AppError } from '../core/errors.ts';
import type { PoolAnswer, PoolOutcome } from '../core/inside/capture.ts';
import { toContextIds, toTokenItem } from './answer.ts';
import type { BoundRegime } from './bound-regime.ts';
import { answerGreedily, type GreedyAnswer, type GreedyItem } from './greedy-answers.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { EngineCalls } from './protocol.ts';
import { toRoutingResult } from './routing.ts';
import type { PackedOptions } from './scoring.ts';

type PoolRequest = EngineCalls['askPool']['input'];
type PoolItem = PoolRequest['items'][number];

export interface PoolOptions extends PackedOptions {
  /** Told the answers that are whole, of all. */
  onProgress?: ((progress: EngineCalls['askPool']['event']) => void) | undefined;
}

/**
 * What every prompt of a pool says to each question, in the order of both, whichever it is routed to. Throws `input-invalid` for a regime
 * without a pool, without a question, and for a context that is too long for the cache, `repair-invalid` for a pool without prompts,
 * `run-failed` for logits or scores that are no numbers, and `stopped` between two runs.
 */
export async function askPool(model: LoadedModel, request: PoolRequest, options: PoolOptions): Promise<PoolOutcome[]> {
  checkRequest(request);
  const { items, maxNewTokens } = request;
  const bound = await model.bind(request.regime, { signal: options.signal });
  if (bound.helps.length === 0) {
    throw new AppError('repair-invalid', 'The pool of this repair holds no prompt. Load one that does.', {
      observed: 0,
    });
  }
  const contexts = items.map(({ context }) => toContextIds(model, bound, context));
  checkLengths(bound, contexts, maxNewTokens);
  const scores = await readScores(bound, contexts, options.rowLength);
  const total = items.length * bound.helps.length;
  let done = 0;
  const onSettled = (count: number) => {
    done += count;
    options.onProgress?.({ done, total });
  };
  const endTokenId = model.checkpoint.config.eosTokenId;
  const asked = items.map((item, i) => toGreedyItem(model, bound, item, contexts[i] ?? []));
  const answers = items.map((): PoolAnswer[] => []);
  for (const help of bound.helps) {
    const said = await answerGreedily(bound, help, asked, { ...options, maxNewTokens, endTokenId, onSettled });
    for (const [i, answer] of said.entries()) {
      // Prompts of a pool often say the same.
      asked[i]?.guesses.unshift(answer.ids);
      answers[i]?.push(toPoolAnswer(model, answer, items[i]?.answer ?? null));
    }
  }
  return items.map(({ id }, i) => {
    const { scores: ofItem, chosen } = toRoutingResult(scores[i] ?? []);
    return { id, scores: ofItem, chosen, answers: answers[i] ?? [] };
  });
}

function readScores({ routing, weights }: BoundRegime, contexts: readonly number[][], rowLength: number) {
  if (routing === null) throw new AppError('internal', 'A regime with a pool was bound without its router.');
  return routing.router.route(weights, routing.pool, contexts, rowLength);
}

/** The right answer is the first guess: most prompts of a good pool say it. */
function toGreedyItem(
  model: LoadedModel,
  bound: BoundRegime,
  { id, context: text, answer }: PoolItem,
  context: readonly number[],
): GreedyItem & { guesses: (readonly number[])[] } {
  if (answer === null) return { context, guesses: [] };
  return { context, guesses: [toTokenItem(model, bound, { id, context: text, answer }).target.slice(0, -1)] };
}

function toPoolAnswer(
  model: LoadedModel,
  { ids, hasEnded, confidence }: GreedyAnswer,
  right: string | null,
): PoolAnswer {
  const text = model.tokenizer.decode(ids);
  return { text, confidence, isRight: right === null ? null : hasEnded && text.trim() === right.trim() };
}

function checkRequest({ regime: { recovery }, items, maxNewTokens }: PoolRequest): void {
  if (recovery.kind !== 'idp') {
    refuse('recovery', recovery.kind, 'idp', 'This regime has no pool of prompts. Choose one with a pool.');
  }
  if (items.length === 0) refuse('items', 0, '1 or more', 'There is no question to ask the pool. Give one.');
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 1) {
    refuse(
      'maxNewTokens',
      maxNewTokens,
      '1 or more',
      `An answer cannot be ${maxNewTokens} tokens long. Ask for 1 or more.`,
    );
  }
}

/** Refused before any run: the longest prompt leaves the least room. */
function checkLengths({ helps }: BoundRegime, contexts: readonly number[][], maxNewTokens: number): void {
  const room = Math.min(...helps.map(({ cache }) => cache.capacity - cache.base));
  const allowed = room - (maxNewTokens - 1);
  const longest = Math.max(...contexts.map(({ length }) => length));
  if (longest <= allowed) return;
  const message = `A question is ${longest} tokens long; ${Math.max(0, allowed)} fit beside the prompt and the answer. Shorten it or ask for fewer new tokens.`;
  refuse('context', longest, allowed, message);
}

function refuse(field: string, observed: string | number, allowed: string | number, message: string): never {
  throw new AppError('input-invalid', message, { field, observed, allowed });
}
