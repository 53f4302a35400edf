import type { Capture, Tap } from '../core/inside/capture.ts';
import { toLensLayer, toLogProbabilities } from '../core/inside/lens.ts';
import type { LayerTap } from '../core/onnx/inspect-graph.ts';
import type { Inspected } from './inspect-decoder.ts';
import type { LoadedModel } from './loaded-model.ts';
import {
  checkOnce,
  expectFinite,
  inspectorOf,
  type Look,
  prepareLook,
  type Question,
  toLabel,
  toTokenText,
} from './look.ts';
import { hearStop } from './stopping.ts';

/** Which tensors of a layer each tap of a capture needs; the lens is computed from logits that every run gives. */
const NEEDED: Readonly<Record<Tap, readonly LayerTap[]>> = {
  attention: ['attention'],
  residual: ['residual'],
  activations: ['activations'],
  lens: [],
};

/**
 * One run of a question with taps. Throws what `prepareLook` does, `run-failed` for logits that are no numbers, and `golden-mismatch` where
 * they are not the fast graph's.
 */
export async function capture(
  model: LoadedModel,
  question: Question & { taps: readonly Tap[] },
  signal: AbortSignal | undefined,
): Promise<Capture> {
  await hearStop(signal);
  const look = await prepareLook(model, question, signal);
  const inspected = await inspect(
    model,
    look,
    question.taps.flatMap((tap) => NEEDED[tap]),
  );
  return toCapture(model, look, inspected, question);
}

/** The run itself: logits after every layer, and the tensors asked for. */
export async function inspect(model: LoadedModel, look: Look, taps: readonly LayerTap[]): Promise<Inspected> {
  const inspector = await inspectorOf(model, look.bound);
  const inspected = await inspector.run(look.input, taps);
  for (const logits of inspected.lens) expectFinite(logits);
  await checkOnce(inspector, look, lastOf(inspected));
  return inspected;
}

/** Probability of the whole target by the logits that predict its tokens, `[A, vocabSize]`; throws `run-failed` for logits that are no numbers. */
export function targetProbability(logits: Float32Array, target: readonly number[]): number {
  return Math.exp(toLogProbabilities(logits, target).reduce((sum, value) => sum + value, 0));
}

/** The model's own logits, those after the last layer. */
export function lastOf({ lens }: Inspected): Float32Array {
  return lens.at(-1) ?? new Float32Array();
}

function toCapture(
  model: LoadedModel,
  { bound, target, routing, rows, columns }: Look,
  inspected: Inspected,
  { regime, taps }: Question & { taps: readonly Tap[] },
): Capture {
  const { layers } = bound.decoder.format;
  const toText = (id: number) => toTokenText(model, id);
  const tensors = (tap: Tap & LayerTap) => (taps.includes(tap) ? (inspected.taps.get(tap) ?? []) : null);
  return {
    regimeId: regime.id,
    rows,
    columns,
    attention: tensors('attention')?.map((data, i) => ({ numHeads: layers[i]?.numHeads ?? 0, data })) ?? null,
    residual: tensors('residual'),
    activations: tensors('activations')?.map((data, i) => ({ width: layers[i]?.intermediateSize ?? 0, data })) ?? null,
    lens: taps.includes('lens') ? inspected.lens.map((logits) => toLensLayer(logits, target, toText)) : null,
    answer: target.map((id) => toLabel(model, id, 'answer')),
    answerProbability: target.length === 0 ? null : targetProbability(lastOf(inspected), target),
    routing,
  };
}
