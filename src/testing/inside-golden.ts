import type { Capture, DistanceQuantity, PoolOutcome } from '../core/inside/capture.ts';
import { parseJson } from '../core/json.ts';
import type { PackManifest } from '../core/pack/manifest.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime } from '../core/recover/regime.ts';
import { parseSafetensors, toTensor } from '../core/safetensors/parse.ts';
import { maxDifference } from './max-difference.ts';

/** What PyTorch sees inside of the shipped pack; `training/inside_fixture.py` tells what is what. */
export interface InsideGolden {
  recipe: string;
  question: { text: string; answer: string; answerIds: readonly number[]; rows: readonly string[] };
  activationStride: number;
  regimes: Readonly<Record<string, InsideRegime>>;
  distances: Readonly<Record<string, readonly Record<DistanceQuantity | 'sampledActivations', GoldenDistance>[]>>;
  patch: { donorProbability: number; receiverProbability: number };
  /** A linear matrix, and how many zeros it has before and after the recipe, and how many a merge leaves and fills. */
  module: string;
  zeros: { before: number; after: number; left: number; filled: number };
  pool: { questions: readonly PoolQuestion[] };
  /** A golden tensor by its name, such as `dense/residual`. */
  tensor(name: string): Float32Array;
}

export interface InsideRegime {
  repair: string | null;
  virtualTokens: number;
  answerProbability: number;
  rank: readonly number[]; // [numLayers + 1]
  top: readonly (readonly { id: number; text: string; probability: number }[])[]; // [numLayers + 1]
  routing?: { scores: readonly number[]; chosen: number };
}

/** A question to every prompt of the pool of `regimes.routed`, and what they say. */
type PoolQuestion = Pick<PoolOutcome, 'scores' | 'chosen' | 'answers'> & { fact: string; text: string; answer: string };

interface GoldenDistance {
  cosine: number;
  relativeError: number;
}

/** Reads the two files of the golden, given as bytes. */
export function parseInsideGolden(json: Uint8Array<ArrayBuffer>, tensors: Uint8Array<ArrayBuffer>): InsideGolden {
  const file = parseSafetensors(tensors);
  const rest = parseJson(json, 'inside.json', 'input-invalid') as Omit<InsideGolden, 'tensor'>;
  const tensor = (name: string) => {
    const stored = file.tensors.get(name);
    if (stored === undefined) throw new Error(`no golden tensor is named ${name}`);
    return toTensor(stored).data;
  };
  return { ...rest, tensor };
}

/** The pack's regime that a golden is of; its id is the golden's name. */
export function toInsideRegime(golden: InsideGolden, manifest: PackManifest, name: string): Regime {
  const repairId = golden.regimes[name]?.repair?.replace(/^repairs\//, '') ?? '';
  const recoveries: Readonly<Record<string, Recovery>> = {
    dense: { kind: 'none' },
    compressed: { kind: 'none' },
    prompt: { kind: 'prompt', repairId },
    routed: { kind: 'idp', repairId },
    prefix: { kind: 'prefix', repairId },
    merged: { kind: 'lora-merged', repairId, recompress: false },
    unmerged: { kind: 'lora-unmerged', repairId },
  };
  const recovery = recoveries[name];
  const recipe = manifest.recipes.find(({ id }) => id === golden.recipe)?.recipe;
  if (recovery === undefined || recipe === undefined) throw new Error(`the pack has no regime for the golden ${name}`);
  return { id: name, recipe: name === 'dense' ? null : recipe, recovery };
}

/** Largest differences between a capture and PyTorch's. */
export interface InsideDifferences {
  /** Probabilities of attention. */
  attention: number;
  /** Residual stream and activations, over the largest value of the tensor. */
  streams: number;
  /** Log-probabilities of the lens. */
  lens: number;
  /** Of the whole answer. */
  answer: number;
}

export function compareToInside(golden: InsideGolden, name: string, capture: Capture): InsideDifferences {
  const layers = capture.attention ?? [];
  const residual = joined(capture.residual ?? []);
  const activations = joined(
    (capture.activations ?? []).map(({ data, width }) => sampled(data, width, golden.activationStride)),
  );
  const tensor = (part: string) => golden.tensor(`${name}/${part}`);
  return {
    attention: Math.max(...layers.map(({ data }, layer) => maxDifference(data, tensor(`attention/${layer}`)))),
    streams: Math.max(relative(residual, tensor('residual')), relative(activations, tensor('activations'))),
    lens: maxDifference(joined(capture.lens?.map(({ logProbabilities }) => logProbabilities) ?? []), tensor('lens')),
    answer: Math.abs(
      (capture.answerProbability ?? Number.NaN) - (golden.regimes[name]?.answerProbability ?? Number.NaN),
    ),
  };
}

/** The golden's questions as the engine takes them. */
export function toPoolItems({ pool }: InsideGolden): { id: string; context: string; answer: string }[] {
  return pool.questions.map(({ fact, text, answer }) => ({ id: fact, context: text, answer }));
}

/** What the prompts of a pool say and which one is chosen, by the engine or by PyTorch, and the numbers behind it. */
export function toPoolFindings(outcomes: readonly Pick<PoolOutcome, 'scores' | 'chosen' | 'answers'>[]) {
  return {
    said: outcomes.map(({ chosen, answers }) => ({
      chosen,
      answers: answers.map(({ text, isRight }) => ({ text: text.trim(), isRight })),
    })),
    scores: Float32Array.from(outcomes.flatMap(({ scores }) => [...scores])),
    confidences: Float32Array.from(outcomes.flatMap(({ answers }) => answers.map(({ confidence }) => confidence))),
  };
}

function relative(x: Float32Array, expected: Float32Array): number {
  return maxDifference(x, expected) / expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

/** Every so manieth value of each row. */
function sampled(data: Float32Array, width: number, stride: number): Float32Array {
  return data.filter((_, i) => (i % width) % stride === 0);
}
