import { AppError } from '../errors.ts';
import { quote } from '../json.ts';
import type { DocumentScores } from './metrics.ts';
import type { Prompt } from './task.ts';
import { moveTrailingSpace } from './white-space.ts';

/** Token ids that are scored: what is given, begin token included, and what comes after it. */
export interface TokenRequest {
  /** The choice that it belongs to; a text that does not fit into the model takes several requests. */
  choice: number;
  context: readonly number[];
  target: readonly number[];
}

/** How texts become what a model reads. */
export interface RequestEncoding {
  /** Token ids of a text, special tokens left out. */
  encode(text: string): readonly number[];
  beginId: number;
  endId: number;
  /** Most tokens that the model reads at once. */
  maxTokens: number;
}

/** How a request fares. */
export interface RequestScore {
  logLikelihood: number;
  /** Every token of the target is the likeliest one behind those before it. */
  isRight: boolean;
}

/** Why a prompt cannot be asked. */
export interface PromptFault {
  /** Too many tokens for the model, context and continuation together, or none that could be scored. */
  kind: 'too-long' | 'nothing-scored';
  /** Index of the continuation that it meets with. */
  choice: number;
  /** What there is, and what may be, such as `308 tokens, where the model reads at most 256`. */
  what: string;
}

/** The first thing that keeps a prompt from being asked; null where nothing does. */
export function findPromptFault(prompt: Prompt, encoding: RequestEncoding): PromptFault | null {
  return readPrompt(prompt, encoding).fault;
}

/**
 * A prompt's requests by the harness's rules: white space at the context's end moves to the continuation, the whole is encoded and cut
 * after as many ids as the context alone has. The begin token comes first; the end token is scored where a model must stop by itself.
 * Throws `input-invalid` where nothing is left to score, or the model cannot read it.
 */
export function toTokenRequests(prompt: Prompt, encoding: RequestEncoding): readonly TokenRequest[] {
  const { requests, fault } = readPrompt(prompt, encoding);
  if (fault === null) return requests;
  const message = `The document ${quote(prompt.id)} has ${fault.what}. Shorten or correct it, or leave it out.`;
  throw new AppError('input-invalid', message, { document: prompt.id, observed: fault.what });
}

interface ReadPrompt {
  requests: readonly TokenRequest[];
  fault: PromptFault | null;
}

function readPrompt(prompt: Prompt, encoding: RequestEncoding): ReadPrompt {
  const { outputType, continuations } = prompt;
  const refuse = (kind: PromptFault['kind'], choice: number, what: string): ReadPrompt => {
    return { requests: [], fault: { kind, choice, what } };
  };
  if (outputType === 'loglikelihood_rolling') {
    const ids = encoding.encode(continuations[0] ?? '');
    if (ids.length === 0) return refuse('nothing-scored', 0, 'no tokens to score');
    return { requests: toWindows(ids, encoding).map((window) => ({ choice: 0, ...window })), fault: null };
  }
  const ending = outputType === 'generate_until' ? [encoding.endId] : [];
  const requests: TokenRequest[] = [];
  for (const [choice, continuation] of continuations.entries()) {
    const { context, target } = splitPair(prompt.context, continuation, encoding);
    if (target.length === 0) return refuse('nothing-scored', choice, `no token of its own for ${quote(continuation)}`);
    requests.push({ choice, context, target: [...target, ...ending] });
    const read = context.length + target.length + ending.length - 1; // the last token is only predicted
    if (read > encoding.maxTokens)
      return refuse('too-long', choice, `${read} tokens, where the model reads at most ${encoding.maxTokens}`);
  }
  return { requests, fault: null };
}

function splitPair(context: string, continuation: string, { encode, beginId }: RequestEncoding) {
  const [bare, rest] = moveTrailingSpace(context, continuation);
  const ids = encode(`${bare}${rest}`);
  const cut = encode(bare).length;
  return { context: [beginId, ...ids.slice(0, cut)], target: ids.slice(cut) };
}

/**
 * A text in windows, so that each token is scored once: the first behind the begin token, every later one behind as many tokens before it
 * as the model can still read, one at least (the harness's rolling log-likelihood with a context of 1).
 */
function toWindows(ids: readonly number[], { beginId, maxTokens }: RequestEncoding) {
  const first = { context: [beginId], target: ids.slice(0, maxTokens) };
  const windows = [first];
  for (let from = maxTokens; from < ids.length; from += maxTokens) {
    const to = Math.min(from + maxTokens, ids.length);
    windows.push({ context: [...ids.slice(to - maxTokens - 1, from)], target: ids.slice(from, to) });
  }
  return windows;
}

/** A document's scores out of those of its requests, in their order. */
export function toDocumentScores(requests: readonly TokenRequest[], scores: readonly RequestScore[]): DocumentScores {
  const logLikelihoods: number[] = [];
  const isGreedy: boolean[] = [];
  for (const [i, { choice }] of requests.entries()) {
    const { logLikelihood, isRight } = scores[i] ?? { logLikelihood: Number.NaN, isRight: false };
    logLikelihoods[choice] = (logLikelihoods[choice] ?? 0) + logLikelihood;
    isGreedy[choice] = (isGreedy[choice] ?? true) && isRight;
  }
  return { logLikelihoods, isGreedy };
}
