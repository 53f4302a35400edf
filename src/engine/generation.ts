import { AppError } from '../core/errors.ts';
import { type Sampling, sampleToken } from '../core/eval/sampling.ts';
import { seededRandom } from '../core/random.ts';
import type { BoundRegime } from './bound-regime.ts';
import { type Help, range } from './help.ts';
import type { RoutingResult, TimedRun } from './protocol.ts';
import { toRoutingResult } from './routing.ts';
import { turnEventLoop } from './stopping.ts';

export interface GenerationOptions {
  maxNewTokens: number;
  sampling: Sampling;
  /** Ends the text and is not part of it; null goes on to `maxNewTokens`. */
  endTokenId: number | null;
  signal?: AbortSignal | undefined;
  /** Called with all tokens so far, milliseconds after the start. */
  onToken?: ((ids: readonly number[], atMs: number) => void) | undefined;
}

export interface Generation {
  ids: readonly number[];
  stopReason: 'end' | 'length' | 'stopped';
  routing: RoutingResult | null;
  /** From the start to the first token picked, routing included. */
  ttftMs: number;
  routingMs: number;
  /** Decode steps after the first token: their number and their time together. */
  decodeSteps: number;
  decodeMs: number;
}

/** What generating binds. */
type GeneratingRegime = Pick<BoundRegime, 'decoder' | 'weights' | 'helps' | 'routing'>;

/** Continues a context token by token; the cache keeps one slot a token, and the help's slots stay. */
export async function generateTokens(
  regime: GeneratingRegime,
  context: readonly number[],
  options: GenerationOptions,
): Promise<Generation> {
  const startedAt = performance.now();
  const random = seededRandom(options.sampling.seed);
  const routing = await route(regime, context);
  const routingMs = performance.now() - startedAt;
  const help = helpFor(regime, routing);
  const { cache } = help;
  cache.reset();
  cache.reserve(context.length + options.maxNewTokens - 1);

  const ids: number[] = [];
  let input = { ids: context, positions: range(help.start, help.start + context.length), rows: [context.length - 1] };
  let firstAt = startedAt;
  let lastAt = startedAt;
  let stopReason: Generation['stopReason'] = 'length';
  while (ids.length < options.maxNewTokens) {
    if (options.signal?.aborted === true) {
      stopReason = 'stopped';
      break;
    }
    const logits = await regime.decoder.run(regime.weights, cache, { ...input, keepsCache: true });
    const id = sampleToken(logits, options.sampling, random);
    lastAt = performance.now();
    if (ids.length === 0) firstAt = lastAt;
    if (id === options.endTokenId) {
      stopReason = 'end';
      break;
    }
    ids.push(id);
    options.onToken?.(ids, lastAt - startedAt);
    input = { ids: [id], positions: [help.start + context.length + ids.length - 1], rows: [0] };
    if (options.signal !== undefined) await turnEventLoop();
  }
  const runs = ids.length + (stopReason === 'end' ? 1 : 0);
  return {
    ids,
    stopReason,
    routing,
    ttftMs: firstAt - startedAt,
    routingMs: regime.routing === null ? 0 : routingMs,
    decodeSteps: Math.max(0, runs - 1),
    decodeMs: lastAt - firstAt,
  };
}

/** The times of a generation, with that of a fixed loop just before it. */
export function toTimedRun({ ttftMs, routingMs, decodeMs, decodeSteps }: Generation, fixedLoopMs: number): TimedRun {
  return { ttftMs, routingMs, perTokenMs: decodeMs / Math.max(1, decodeSteps), fixedLoopMs };
}

/** The prompt that a context is given; null where the regime does not route. */
export async function route(
  { routing, weights }: Pick<BoundRegime, 'routing' | 'weights'>,
  context: readonly number[],
): Promise<RoutingResult | null> {
  if (routing === null) return null;
  const [scores] = await routing.router.route(weights, routing.pool, [context], 0);
  return toRoutingResult(scores ?? []);
}

/** The help that a context stands behind; throws `internal` for a regime that has none. */
export function helpFor(regime: Pick<BoundRegime, 'helps'>, routing: RoutingResult | null): Help {
  const help = regime.helps[routing?.chosen ?? 0];
  if (help === undefined)
    throw new AppError('internal', 'The regime has no such prompt.', { chosen: routing?.chosen ?? 0 });
  return help;
}
