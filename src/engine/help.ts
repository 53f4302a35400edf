import type { ModelConfig } from '../core/checkpoint/checkpoint.ts';
import { AppError } from '../core/errors.ts';
import { type Prefix, promptLength, type SoftPrompt } from '../core/recover/repair.ts';
import type { Decoder } from './decoder.ts';
import { KvCache } from './kv-cache.ts';
import type { OwnedTensor, Runtime } from './session.ts';

/** Keys and values that a regime starts from, and the position that its context starts at. */
export interface Help {
  cache: KvCache;
  start: number;
  /** The begin token is among the cached ones, so contexts come without it. */
  holdsBegin: boolean;
}

/** What a help is computed with: the decoder and weights of its variant. */
export interface HelpSource {
  runtime: Runtime;
  decoder: Decoder;
  weights: ReadonlyMap<string, OwnedTensor>;
  /** Slots of the cache. */
  capacity: number;
}

/**
 * A soft prompt (Lester et al. 2021, arXiv 2104.08691): keys and values of its vectors `[n, hiddenSize]` alone, at positions
 * `start - n .. start - 1`. The decoder runs them as an embedding table whose ids are 0 .. n - 1.
 */
export async function createPromptHelp(source: HelpSource, prompt: SoftPrompt, start: number): Promise<Help> {
  const { runtime, decoder, weights, capacity } = source;
  const { vectors } = prompt;
  const n = promptLength(prompt);
  checkWidth(vectors.shape[1] ?? 0, decoder.config);
  const cache = new KvCache(runtime, decoder, capacity);
  const embedding = runtime.createTensor('float32', vectors.shape, vectors.data);
  try {
    const ids = range(0, n);
    const positions = range(start - n, start);
    await decoder.run(weights, cache, { ids, positions, rows: [n - 1], embedding, keepsCache: true });
    cache.keepAsBase();
  } catch (error) {
    cache.dispose();
    throw error;
  } finally {
    embedding.dispose();
  }
  return { cache, start, holdsBegin: false };
}

/** A prefix (Li and Liang 2021, arXiv 2101.00190): keys and values as they are given, keys unrotated. */
export function createPrefixHelp({ runtime, decoder, capacity }: Omit<HelpSource, 'weights'>, prefix: Prefix): Help {
  const cache = new KvCache(runtime, decoder, capacity);
  try {
    cache.writeBase(prefix.layers, prefix.numVectors);
  } catch (error) {
    cache.dispose();
    throw error;
  }
  return { cache, start: prefix.numVectors, holdsBegin: false };
}

/** An ordinary text before the context, begin token included in `ids`. */
export async function createTextHelp(source: HelpSource, ids: readonly number[]): Promise<Help> {
  const { runtime, decoder, weights, capacity } = source;
  const cache = new KvCache(runtime, decoder, capacity);
  try {
    const positions = range(0, ids.length);
    await decoder.run(weights, cache, { ids, positions, rows: [ids.length - 1], keepsCache: true });
    cache.keepAsBase();
  } catch (error) {
    cache.dispose();
    throw error;
  }
  return { cache, start: ids.length, holdsBegin: true };
}

function checkWidth(width: number, { hiddenSize }: ModelConfig): void {
  if (width === hiddenSize) return;
  const message = `The prompt's vectors have ${width} numbers, the model takes ${hiddenSize}. Load one trained for this model.`;
  throw new AppError('repair-invalid', message, { observed: width, allowed: hiddenSize });
}

/** from, from + 1, ..., to - 1. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
