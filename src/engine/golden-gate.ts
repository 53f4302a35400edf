import type { BoundRegime } from './bound-regime.ts';
import { compareLogits, type GoldenLogits } from './golden-logits.ts';
import { range } from './help.ts';
import { packItems, toLengthRule } from './packing.ts';
import type { GateResult } from './protocol.ts';
import { toRoutingResult } from './routing.ts';
import { runRow } from './scoring.ts';
import { stopIfAborted } from './stopping.ts';

/** PyTorch's answers for one regime, in float32. */
export interface RegimeGolden {
  /** Token ids of each context, begin token included. */
  contexts: readonly (readonly number[])[];
  /** Last-position logits; per prompt of the pool where the regime routes. */
  logits: readonly GoldenLogits[];
  /** Routing scores `[contexts, numPrompts]`; null where nothing is routed. */
  scores: Float32Array | null;
}

/**
 * Largest differences allowed between our logits and PyTorch's, both float32. Orders of summation differ, which costs
 * about 1e-5 on logits of size 10; 1e-3 leaves room for other GPUs and still catches a wrong kernel or a flipped byte.
 */
export const LOGITS_TOLERANCE = 1e-3;

/** The gate of a regime that PyTorch gave no logits for. */
export const NO_GOLDEN: GateResult = {
  status: 'no-golden',
  maxDifference: 0,
  tolerance: LOGITS_TOLERANCE,
  agreeing: 0,
  contexts: 0,
};
/** Routing scores are means of probabilities, some hundredfold smaller than logits. */
export const SCORES_TOLERANCE = 1e-5;

/** Kernels change with the number of tokens in a run; contexts longer than this are there to try those of long runs. */
const LONG_CONTEXT = 32;

export interface GateOptions {
  /** Tokens of a packed scoring row. */
  rowLength: number;
  /**
   * `thorough`: every context alone, as questions are answered, and all of them at the end of one full row, as evaluations are scored. Long
   * runs take kernels of their own, which were wrong on a device whose short runs were right (1.30.0 with subgroups). Kernels are the same
   * for every regime of a decoder, so its others need only show that their values are right: `short` runs the short contexts, `shortest` one.
   * An emulated GPU, which is slow, is tried thoroughly with one decoder only.
   */
  depth: GateDepth;
  /** The same for routing scores, which come from kernels of their own. */
  routingDepth: GateDepth;
  signal?: AbortSignal | undefined;
}

export type GateDepth = 'thorough' | 'short' | 'shortest';

/** Compares a regime with PyTorch's answers. A token must agree only where the top two stand further apart than twice the tolerance. */
export async function checkGolden(
  regime: BoundRegime,
  golden: RegimeGolden,
  { rowLength, depth, routingDepth, signal }: GateOptions,
): Promise<GateResult> {
  const { vocabSize } = regime.decoder.config;
  const lengths = golden.contexts.map((context) => context.length);
  const alone = toContexts(lengths, depth);
  let maxDifference = 0;
  const compared = new Set<number>();
  const disagreeing = new Set<number>();
  const compare = (expected: GoldenLogits, i: number, observed: Float32Array) => {
    const { difference, isSameToken } = compareLogits(observed, expected, {
      row: i,
      vocabSize,
      tolerance: LOGITS_TOLERANCE,
    });
    maxDifference = Math.max(maxDifference, difference);
    compared.add(i);
    if (!isSameToken) disagreeing.add(i);
  };
  for (const [prompt, expected] of golden.logits.entries()) {
    // The prompts of a pool are alike but for their values.
    const isFirst = prompt === 0;
    for (const i of isFirst ? alone : toContexts(lengths, depth === 'thorough' ? 'short' : depth)) {
      stopIfAborted(signal);
      compare(expected, i, await runContext(regime, prompt, golden.contexts[i] ?? []));
    }
    stopIfAborted(signal);
    if (!isFirst || depth !== 'thorough') continue;
    const packed = await runPacked(regime, prompt, golden.contexts, rowLength);
    for (const i of golden.contexts.keys()) compare(expected, i, packed[i] ?? new Float32Array(0));
  }
  stopIfAborted(signal);
  const routed = toContexts(lengths, routingDepth);
  const isRoutingRight = await routesAlike(regime, golden, routed, routingDepth === 'thorough' ? [0, rowLength] : [0]);
  const isClose = maxDifference <= LOGITS_TOLERANCE && disagreeing.size === 0 && isRoutingRight;
  return {
    status: isClose ? 'passed' : 'failed',
    maxDifference,
    tolerance: LOGITS_TOLERANCE,
    agreeing: compared.size - disagreeing.size,
    contexts: compared.size,
  };
}

/** Indices of the contexts of these lengths that are run alone. */
function toContexts(lengths: readonly number[], depth: GateDepth): number[] {
  const all = [...lengths.keys()];
  switch (depth) {
    case 'thorough':
      return all;
    case 'short':
      return all.filter((i) => (lengths[i] ?? 0) <= LONG_CONTEXT);
    case 'shortest':
      return [lengths.indexOf(Math.min(...lengths))];
    default:
      return depth satisfies never;
  }
}

/** Last-position logits of contexts that stand behind a filler in a row as long as those of an evaluation. */
async function runPacked(
  regime: BoundRegime,
  prompt: number,
  contexts: RegimeGolden['contexts'],
  rowLength: number,
): Promise<Float32Array[]> {
  const help = regime.helps[prompt];
  if (help === undefined) return [];
  const { vocabSize } = regime.decoder.config;
  const room = Math.min(rowLength, help.cache.capacity - help.cache.base);
  const toLength = toLengthRule(regime.scorer.compilesByShape, room);
  const [whole] = packItems(contexts, { rowLength: Number.POSITIVE_INFINITY, toLength });
  const used = 1 + Math.max(0, ...(whole?.placements ?? []).map(({ path }) => path.at(-1) ?? 0));
  const filler = new Array<number>(Math.max(1, room - used)).fill(contexts[0]?.[0] ?? 0);
  // A row's items stand by length: whatever has none comes first.
  const lengths = [...contexts.map(({ length }) => length), 0];
  const results: Float32Array[] = [];
  for (const row of packItems([...contexts, filler], { rowLength: room, toLength, lengths })) {
    const last = row.placements.map(({ path }) => path.at(-1) ?? 0);
    const logits = await runRow(regime, help, row, last);
    for (const [at, { item }] of row.placements.entries()) {
      results[item] = logits.subarray(at * vocabSize, (at + 1) * vocabSize);
    }
  }
  return results.slice(0, contexts.length);
}

/** Last-position logits behind one of the regime's helps. */
async function runContext(regime: BoundRegime, prompt: number, context: readonly number[]): Promise<Float32Array> {
  const help = regime.helps[prompt];
  if (help === undefined) return new Float32Array(0);
  help.cache.reset();
  return regime.decoder.run(regime.weights, help.cache, {
    ids: context,
    positions: range(help.start, help.start + context.length),
    rows: [context.length - 1],
    keepsCache: false,
  });
}

/** Whether the chosen contexts get PyTorch's routing scores in rows of these lengths; 0 gives every context a row of its own. */
async function routesAlike(
  { routing, weights }: BoundRegime,
  { contexts, scores }: RegimeGolden,
  chosen: readonly number[],
  rowLengths: readonly number[],
): Promise<boolean> {
  if (routing === null || scores === null) return true;
  const { router, pool } = routing;
  const count = pool.lengths.length;
  for (const length of rowLengths) {
    const asked = chosen.map((i) => contexts[i] ?? []);
    const observed = await router.route(weights, pool, asked, length);
    for (const [at, i] of chosen.entries()) {
      const expected = scores.subarray(i * count, (i + 1) * count);
      const own = observed[at] ?? new Float32Array(0);
      if (differ(own, expected) > SCORES_TOLERANCE) return false;
      const wanted = toRoutingResult(expected);
      if (wanted.margin > 2 * SCORES_TOLERANCE && toRoutingResult(own).chosen !== wanted.chosen) return false;
    }
  }
  return true;
}

/** Largest absolute difference; infinite for different lengths or where a value is not a number. */
function differ(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}
