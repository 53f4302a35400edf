import { AppError } from '../core/errors.ts';
import { toTarget } from '../core/eval/tasks.ts';
import { type BoundRegime, holdsBegin } from './bound-regime.ts';
import { generateTokens } from './generation.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { GeneratedToken, GenerateRequest, GenerateResult, ScoreItem } from './protocol.ts';
import { scoreOneByOne, type TokenItem } from './scoring.ts';
import { checkIds } from './token-ids.ts';

/** A context in tokens: the begin token first, unless the regime's help holds it already. Throws `input-invalid` where nothing is left. */
export function toContextIds(model: LoadedModel, regime: BoundRegime, context: string): number[] {
  const ids = [...model.tokenizer.encode(context)];
  if (!holdsBegin(regime)) ids.unshift(model.checkpoint.config.bosTokenId);
  checkIds(model.checkpoint.config, ids);
  if (ids.length > 0) return ids;
  throw new AppError('input-invalid', 'The question is empty. Type one.', { tokens: 0 });
}

/** An item in tokens; the target is a space, the answer and the end token, encoded apart from the context. */
export function toTokenItem(model: LoadedModel, regime: BoundRegime, { context, answer: text }: ScoreItem): TokenItem {
  const target = [...model.tokenizer.encode(toTarget(text)), model.checkpoint.config.eosTokenId];
  checkIds(model.checkpoint.config, target);
  return { context: toContextIds(model, regime, context), target };
}

/** Answers one question: streams the text, then scores the right answer where one is given. */
export async function answer(
  model: LoadedModel,
  regime: BoundRegime,
  request: GenerateRequest,
  options: { signal?: AbortSignal | undefined; onToken?: ((token: GeneratedToken) => void) | undefined },
): Promise<GenerateResult> {
  let streamed = '';
  const run = await generateTokens(regime, toContextIds(model, regime, request.context), {
    maxNewTokens: request.maxNewTokens,
    sampling: request.sampling,
    endTokenId: model.checkpoint.config.eosTokenId,
    signal: options.signal,
    onToken: (ids, atMs) => {
      // A token may end inside a character, so the text is decoded as a whole and its growth is what streams; what
      // stands for a character not yet whole waits for the rest of it.
      const whole = model.tokenizer.decode(ids).replace(/\ufffd+$/, '');
      options.onToken?.({ text: whole.slice(streamed.length), atMs });
      streamed = whole;
    },
  });
  const text = model.tokenizer.decode(run.ids);
  const isScored = request.answer !== null && run.stopReason !== 'stopped';
  const score = isScored ? await scoreAnswer(model, regime, request) : null;
  return {
    regimeId: request.regime.id,
    text,
    numTokens: run.ids.length,
    stopReason: run.stopReason,
    ttftMs: run.stopReason === 'stopped' && run.ids.length === 0 ? null : run.ttftMs,
    routingMs: run.routingMs,
    tokensPerSecond: toRate(run.decodeSteps, run.decodeMs),
    answerProbability: score === null ? null : Math.exp(score.logLikelihood),
    // An answer that was cut short by the person is neither.
    isRight: isScored ? run.stopReason === 'end' && text.trim() === request.answer?.trim() : null,
    routing: run.routing,
  };
}

async function scoreAnswer(model: LoadedModel, regime: BoundRegime, request: GenerateRequest) {
  const item = { id: '', context: request.context, answer: request.answer ?? '' };
  const [score] = await scoreOneByOne(regime, [toTokenItem(model, regime, item)]);
  return score ?? null;
}

// Clocks of pages that are not isolated step by 0.1 ms; below ten steps the rate would be noise, and 0 ms no rate at all.
const SHORTEST_MS = 1;

function toRate(steps: number, ms: number): number | null {
  return steps < 1 || ms < SHORTEST_MS ? null : (1000 * steps) / ms;
}
