import type { PatchMap } from '../core/inside/capture.ts';
import type { Regime } from '../core/recover/regime.ts';
import { range } from './help.ts';
import type { PatchEdit } from './inspect-decoder.ts';
import { inspect, lastOf, targetProbability } from './inspector.ts';
import type { LoadedModel } from './loaded-model.ts';
import { checkOnce, type Look, patcherOf, prepareLook } from './look.ts';
import { type PatchColumns, pairRows, patchHeads, patchTokens } from './patch-edits.ts';
import type { EngineCalls } from './protocol.ts';
import type { PatchOptions } from './runner-type.ts';
import { hearStop } from './stopping.ts';

/**
 * Tokens of all runs that go at once. On wasm a patch of Atlas's 16 tokens took 0.15 s so and 0.33 s run by run; more tokens brought nothing, and at 84
 * tokens a question no number did, while Stop was heard later.
 */
const MOST_TOKENS = 512;

type PatchInput = EngineCalls['patch']['input'];

/**
 * Activation patching (Vig et al. 2020, arXiv 2004.12265; Meng et al. 2022, arXiv 2202.05262): the right answer's probability in the receiver,
 * with one part of the donor's run at a time in its place. Throws what `capture` does, and `stopped` between runs.
 */
export async function patchRegimes(
  model: LoadedModel,
  input: PatchInput,
  { signal, onProgress }: PatchOptions,
): Promise<PatchMap> {
  await hearStop(signal);
  const { context, answer, of } = input;
  const given = await prepareLook(model, { regime: input.donor, context, answer }, signal);
  const inspected = await inspect(model, given, [of]);
  await hearStop(signal);
  const own = await prepareLook(model, { regime: input.receiver, context, answer }, signal);
  const patched = await toColumns(model, input, { given, own }, inspected.taps.get(of) ?? []);
  const { labels } = patched;
  const { numLayers } = model.checkpoint.config;
  const run = await startRuns(model, own, signal);
  const [receiverProbability = Number.NaN] = await run([null]);
  const all = range(0, labels.length);
  const cells = [...all.map((column) => [column]), all]; // each column, then all at once
  const values = new Float32Array(numLayers * labels.length);
  const whole = new Float32Array(numLayers);
  const most = Math.max(1, Math.floor(MOST_TOKENS / own.input.ids.length));
  let done = 0;
  for (const layer of range(0, numLayers)) {
    for (let from = 0; from < cells.length; from += most) {
      const edits = cells.slice(from, from + most).map((columns) => patched.toEdit(layer, columns));
      for (const [i, probability] of (await run(edits)).entries()) {
        const result = edits[i] === null ? Number.NaN : probability;
        if (from + i < labels.length) values[layer * labels.length + from + i] = result;
        else whole[layer] = result;
      }
      done += edits.length;
      onProgress?.({ done, total: numLayers * cells.length });
    }
  }
  const donorProbability = targetProbability(lastOf(inspected), given.target);
  return { of, columns: labels, numLayers, values, whole, donorProbability, receiverProbability };
}

/** Runs of the receiver: each gives the right answer's probability with one edit in place, several at once. */
async function startRuns(
  model: LoadedModel,
  own: Look,
  signal: AbortSignal | undefined,
): Promise<(edits: readonly (PatchEdit | null)[]) => Promise<number[]>> {
  const patcher = await patcherOf(model, own.bound);
  return async (edits) => {
    await hearStop(signal);
    const runs = await patcher.run(own.input, edits);
    const [first] = runs;
    if (edits[0] === null && first !== undefined) await checkOnce(patcher, own, first);
    return runs.map((logits) => targetProbability(logits, own.target));
  };
}

async function toColumns(
  model: LoadedModel,
  { of, donor, receiver }: PatchInput,
  { given, own }: { given: Look; own: Look },
  tensors: readonly Float32Array[],
): Promise<PatchColumns> {
  const { config } = model.checkpoint;
  const pairs = pairRows(given.rows, own.rows);
  // The embeddings are the first of the streams.
  if (of === 'residual') return patchTokens(tensors.slice(1), pairs, own.rows, config);
  const layersOf = async ({ recipe }: Regime) => (await model.loadVariant(recipe)).variant.layers;
  const sides = { config, donor: await layersOf(donor), receiver: await layersOf(receiver) };
  return patchHeads(tensors, pairs, own.rows.length, sides);
}
