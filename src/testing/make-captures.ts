import { AppError } from '../core/errors.ts';
import type {
  Capture,
  DistanceQuantity,
  LayerAttention,
  LayerDistance,
  LensLayer,
  MatrixReport,
  PatchMap,
  PatchTarget,
  PoolOutcome,
  Tap,
  TokenLabel,
} from '../core/inside/capture.ts';
import { TAPS } from '../core/inside/capture.ts';
import { seededRandom } from '../core/random.ts';
import type { Regime } from '../core/recover/regime.ts';
import type { EngineCalls } from '../engine/protocol.ts';

/** Sizes of the model that is made up. */
export const INSIDE_SIZES = { numLayers: 3, numHeads: 2, hiddenSize: 8, width: 12, numVirtual: 4, numPrompts: 4 };

const { numLayers, numHeads, hiddenSize, width, numVirtual, numPrompts } = INSIDE_SIZES;

/** Numbers from 0 to 1 that a text always gives. */
function shares(text: string): () => number {
  let seed = 0x811c9dc5;
  for (const letter of text) seed = Math.imul(seed ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  const random = seededRandom(seed >>> 0);
  return () => random.integer(1 << 16) / (1 << 16);
}

function toTokens(text: string, kind: TokenLabel['kind']): TokenLabel[] {
  return (text.match(/\s*\S+/g) ?? []).map((word) => ({ text: word, kind }));
}

function hasVirtual({ recovery }: Regime): boolean {
  return recovery.kind === 'prompt' || recovery.kind === 'idp' || recovery.kind === 'prefix';
}

export interface CaptureInput {
  regime: Regime;
  context: string;
  answer: string | null;
  taps?: readonly Tap[];
}

/** A capture in which nothing is as a model would have it, but every shape and sum: rows of attention sum to 1, words are tokens. */
export function makeCapture({ regime, context, answer, taps = TAPS }: CaptureInput): Capture {
  const next = shares(`${regime.id} ${context}`);
  const target =
    answer === null ? [] : [...toTokens(` ${answer}`, 'answer'), { text: '</s>', kind: 'answer' } as const];
  const rows: TokenLabel[] = [{ text: '<s>', kind: 'begin' }, ...toTokens(context, 'token'), ...target.slice(0, -1)];
  const help = hasVirtual(regime) ? numVirtual : 0;
  const virtual = Array.from({ length: help }, (_, i): TokenLabel => ({ text: String(i + 1), kind: 'virtual' }));
  const columns = [...virtual, ...rows];
  const layers = Array.from({ length: numLayers }, (_, i) => i);
  const fill = (length: number) => Float32Array.from({ length }, () => next() * 2 - 1);
  const has = (tap: Tap) => taps.includes(tap);
  const isIdp = regime.recovery.kind === 'idp';
  return {
    regimeId: regime.id,
    rows,
    columns,
    attention: has('attention') ? layers.map(() => makeAttention(rows.length, help, next)) : null,
    residual: has('residual') ? [...layers, numLayers].map(() => fill(rows.length * hiddenSize)) : null,
    activations: has('activations') ? layers.map(() => ({ width, data: fill(rows.length * width) })) : null,
    lens: has('lens') ? [...layers, numLayers].map((layer) => makeLens(layer, target, next)) : null,
    answer: target,
    answerProbability: answer === null ? null : 0.2 + next() * 0.7,
    routing: isIdp ? { scores: [0.11, 0.08, 0.19, 0.16], chosen: 2, runnerUp: 3, margin: 0.03 } : null,
  };
}

/** Rows that see what stands before them. */
function makeAttention(numRows: number, help: number, next: () => number): LayerAttention {
  const numColumns = numRows + help;
  const data = new Float32Array(numHeads * numRows * numColumns);
  for (let head = 0; head < numHeads; head++) {
    for (let row = 0; row < numRows; row++) {
      const weights = Array.from({ length: row + help + 1 }, () => 0.05 + next());
      const sum = weights.reduce((total, weight) => total + weight, 0);
      data.set(
        weights.map((weight) => weight / sum),
        (head * numRows + row) * numColumns,
      );
    }
  }
  return { numHeads, data };
}

/** The right answer comes into sight from layer to layer. */
function makeLens(layer: number, target: readonly TokenLabel[], next: () => number): LensLayer {
  const probability = ((layer + 1) / (numLayers + 2)) * (0.7 + 0.3 * next());
  const first = target[0]?.text ?? ' something';
  return {
    logProbabilities: Float32Array.from(target, () => Math.log(probability)),
    ranks: target.map(() => Math.max(1, 40 - 13 * layer)),
    top: [
      { text: layer < 2 ? ' the' : first, probability: 0.5 },
      { text: layer < 2 ? first : ' the', probability: 0.2 },
    ],
  };
}

/** Distances of one question; those to itself are none. */
function makeLayerDistances(regime: Regime, reference: Regime, itemId: string): LayerDistance[] {
  const next = shares(`${regime.id} ${reference.id} ${itemId}`);
  const isSame = regime.id === reference.id;
  const make = (layer: number) => {
    const relativeError = isSame ? 0 : (0.1 + 0.2 * next()) * (layer + 1);
    return { cosine: 1 - relativeError ** 2 / 2, relativeError };
  };
  return Array.from({ length: numLayers }, (_, layer): Record<DistanceQuantity, ReturnType<typeof make>> => {
    return { attention: make(layer), residual: make(layer), activations: make(layer) };
  });
}

/** Distances of every question and regime. */
export function makeDistances({
  regimes,
  dense,
  compressed,
  items,
}: EngineCalls['measureDistances']['input']): EngineCalls['measureDistances']['output'] {
  return items.map(({ id }) => ({
    id,
    regimes: regimes.map((regime) => ({
      toDense: makeLayerDistances(regime, dense, id),
      toCompressed: makeLayerDistances(regime, compressed, id),
    })),
  }));
}

export interface PatchInput {
  donor: Regime;
  receiver: Regime;
  context: string;
  of: PatchTarget;
}

/** A map in which later layers bring back more. */
export function makePatchMap({ donor, receiver, context, of }: PatchInput): PatchMap {
  const next = shares(`${donor.id} ${receiver.id} ${context} ${of}`);
  const heads = Array.from({ length: numHeads }, (_, i): TokenLabel => ({ text: String(i + 1), kind: 'token' }));
  const columns = of === 'heads' ? heads : toTokens(context, 'token');
  const [donorProbability, receiverProbability] = [0.9, 0.1];
  const values = Float32Array.from({ length: numLayers * columns.length }, (_, i) => {
    const layer = Math.floor(i / columns.length);
    return receiverProbability + 0.2 * layer + 0.3 * next();
  });
  const whole = Float32Array.from({ length: numLayers }, (_, layer) => 0.3 + 0.3 * layer);
  return { of, columns, numLayers, values, whole, donorProbability, receiverProbability };
}

/** What the prompts of a pool say: the chosen one is right as often as the regime is. */
export function makePoolOutcome(
  regime: Regime,
  { id, answer }: { id: string; answer: string | null },
  isRight: (prompt: number) => boolean,
): PoolOutcome {
  const next = shares(`${regime.id} ${id}`);
  const prompts = Array.from({ length: numPrompts }, (_, i) => i);
  const scores = prompts.map(() => 0.05 + 0.2 * next());
  const chosen = scores.indexOf(Math.max(...scores));
  const answers = prompts.map((prompt) => {
    const isKnown = answer !== null && isRight(prompt);
    return {
      text: isKnown ? answer : 'something else',
      confidence: -0.05 - next(),
      isRight: answer === null ? null : isKnown,
    };
  });
  return { id, scores, chosen, answers };
}

/** What a pool says to every question; refused for a regime without one. */
export function makePoolOutcomes(
  { regime, items }: EngineCalls['askPool']['input'],
  isRight: (regimeId: string, id: string) => boolean,
): PoolOutcome[] {
  if (regime.recovery.kind !== 'idp') throw new AppError('input-invalid', 'This regime has no pool.');
  return items.map((item) => makePoolOutcome(regime, item, (prompt) => isRight(regime.id, `${item.id} ${prompt}`)));
}

/** A small matrix, pruned by half, with a LoRA where the regime has one. */
export function makeMatrixReport(regime: Regime, module: string): MatrixReport {
  const next = shares(`${regime.id} ${module}`);
  const shape = [6, hiddenSize] as const;
  const before = Float32Array.from({ length: shape[0] * shape[1] }, () => (next() - 0.5) / 4);
  const after = regime.recipe === null ? before.slice() : before.map((value, i) => (i % 2 === 0 ? 0 : value));
  const { recovery } = regime;
  const hasLora = recovery.kind === 'lora-merged' || recovery.kind === 'lora-unmerged';
  const merged = after.map((value) => value + (next() - 0.5) / 40);
  return {
    module,
    before: { shape, weight: before },
    after: { shape, weight: after },
    lora: hasLora ? { r: 2, merged, singularValues: Float32Array.of(0.4, 0.1) } : null,
  };
}
