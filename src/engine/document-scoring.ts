import { AppError } from '../core/errors.ts';
import type { DocumentScores } from '../core/harness/metrics.ts';
import { findPromptFault, type TokenRequest, toDocumentScores, toTokenRequests } from '../core/harness/requests.ts';
import type { Prompt } from '../core/harness/task.ts';
import { type BoundRegime, holdsBegin } from './bound-regime.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { EngineCalls } from './protocol.ts';
import { type PackedOptions, scorePacked, type TokenItem } from './scoring.ts';
import { checkIds } from './token-ids.ts';

export interface DocumentOptions extends PackedOptions {
  /** Most tokens of a prompt that the model reads at once: the same in all regimes, or texts in windows would not compare. */
  maxTokens: number;
}

/** Which of some prompts cannot be asked in any regime, by their index, and why. */
export function findFaults(
  { checkpoint: { config }, tokenizer }: LoadedModel,
  prompts: readonly Prompt[],
  maxTokens: number,
): EngineCalls['checkPrompts']['output'] {
  const encoding = { encode: tokenizer.encode, beginId: config.bosTokenId, endId: config.eosTokenId, maxTokens };
  return prompts.flatMap((prompt, index) => {
    const fault = findPromptFault(prompt, encoding);
    return fault === null ? [] : [{ index, fault }];
  });
}

/**
 * Scores of prompts by the rules of lm-evaluation-harness (`docs/pack-format.md`), in their order. Rows are packed, so the choices of a
 * question share the tokens of its context. Throws `input-invalid` for a prompt that cannot be asked.
 */
export async function scoreDocuments(
  model: LoadedModel,
  bound: BoundRegime,
  prompts: readonly Prompt[],
  { maxTokens, ...options }: DocumentOptions,
): Promise<DocumentScores[]> {
  const { bosTokenId: beginId, eosTokenId: endId } = model.checkpoint.config;
  const encoding = { encode: model.tokenizer.encode, beginId, endId, maxTokens };
  const asked = prompts.map((prompt) => toTokenRequests(prompt, encoding));
  const items = asked.flatMap((requests) => requests.map((request) => toItem(model, bound, request, requests)));
  const scores = await scorePacked(bound, items, options);
  let at = 0;
  return asked.map((requests) => {
    const mine = scores.slice(at, at + requests.length);
    at += requests.length;
    return toDocumentScores(requests, mine);
  });
}

/** A request as it is packed; throws `input-invalid` for a text with nothing before it behind a help that holds the begin token. */
export function toItem(
  { checkpoint: { config } }: LoadedModel,
  bound: BoundRegime,
  { choice, context, target }: TokenRequest,
  requests: readonly TokenRequest[],
): TokenItem {
  checkIds(config, [...context, ...target]);
  // Only what is given, never what is scored: a prompt that a text chose for itself would tell of the text. Windows go by the first one.
  const routedBy = requests.find((request) => request.choice === choice)?.context ?? context;
  const isBegun = holdsBegin(bound) && context[0] === config.bosTokenId;
  const longest = Math.max(...requests.map((request) => request.context.length + request.target.length));
  if (!isBegun || context.length > 1)
    return { context: isBegun ? context.slice(1) : context, target, routedBy, longest };
  throw new AppError(
    'input-invalid',
    'A text that is scored from its first token on cannot stand behind another text. Choose a regime without one, or another task.',
    { field: 'recovery', observed: 'text', allowed: 'another recovery' },
  );
}
