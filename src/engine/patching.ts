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
  const receiverProbability = await run([]);
  const values = new Float32Array(numLayers * labels.length);
  const whole = new Float32Array(numLayers);
  const total = numLayers * (labels.length + 1);
  let done = 0;
  const measure = async (layer: number, columns: readonly number[]) => {
    const edit = patched.toEdit(layer, columns);
    const probability = edit === null ? Number.NaN : await run([edit]);
    onProgress?.({ done: ++done, total });
    return probability;
  };
  const all = range(0, labels.length);
  for (const layer of range(0, numLayers)) {
    for (const column of all) values[layer * labels.length + column] = await measure(layer, [column]);
    whole[layer] = await measure(layer, all);
  }
  const donorProbability = targetProbability(lastOf(inspected), given.target);
  return { of, columns: labels, numLayers, values, whole, donorProbability, receiverProbability };
}

/** Runs of the receiver: each gives the right answer's probability with edits in place. */
async function startRuns(
  model: LoadedModel,
  own: Look,
  signal: AbortSignal | undefined,
): Promise<(edits: readonly PatchEdit[]) => Promise<number>> {
  const patcher = await patcherOf(model, own.bound);
  return async (edits) => {
    await hearStop(signal);
    const logits = await patcher.run(own.input, edits);
    if (edits.length === 0) await checkOnce(patcher, own, logits);
    return targetProbability(logits, own.target);
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
