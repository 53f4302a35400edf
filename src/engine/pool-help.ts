import { layerConfig } from '../core/onnx/decoder-spec.ts';
import { type Pool, promptLength } from '../core/recover/repair.ts';
import { createPromptHelp, type Help, type HelpSource } from './help.ts';
import type { RoutingPool } from './routing.ts';
import type { OwnedTensor } from './session.ts';

/** The prompts of a pool made ready: one help each, and their first-layer keys for the router. */
export interface PoolHelp {
  helps: readonly Help[];
  pool: RoutingPool;
}

/** Keys and values of every prompt of a pool, each ending where contexts start; what was made is released where one fails. */
export async function createPoolHelp(source: HelpSource, { prompts, start }: Pool): Promise<PoolHelp> {
  const lengths = prompts.map(promptLength);
  const helps: Help[] = [];
  try {
    for (const prompt of prompts) helps.push(await createPromptHelp(source, prompt, start));
    return { helps, pool: { lengths, start, keys: await createPoolKeys(source, helps, lengths) } };
  } catch (error) {
    for (const { cache } of helps) cache.dispose();
    throw error;
  }
}

/** First-layer keys of all prompts, `[numKvHeads, sum of lengths, headDim]`. */
async function createPoolKeys(
  { runtime, decoder }: HelpSource,
  helps: readonly Help[],
  lengths: readonly number[],
): Promise<OwnedTensor> {
  const { numKvHeads, headDim } = layerConfig(decoder, 0);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const all = new Float32Array(numKvHeads * total * headDim);
  let at = 0;
  for (const [i, help] of helps.entries()) {
    const keys = await help.cache.readBaseKeys(0);
    const width = (lengths[i] ?? 0) * headDim;
    for (let head = 0; head < numKvHeads; head++) {
      all.set(keys.subarray(head * width, (head + 1) * width), (head * total + at) * headDim);
    }
    at += lengths[i] ?? 0;
  }
  return runtime.createTensor('float32', [numKvHeads, total, headDim], all);
}
