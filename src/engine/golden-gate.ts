import { argmax } from '../core/eval/scoring.ts';
import type { BoundRegime } from './bound-regime.ts';
import { range } from './help.ts';
import type { GateResult } from './protocol.ts';
import { toRoutingResult } from './routing.ts';
import type { RegimeGolden } from './runner.ts';

/**
 * Largest differences allowed between our logits and PyTorch's, both float32. Orders of summation differ, which costs
 * about 1e-5 on logits of size 10; 1e-3 leaves room for other GPUs and still catches a wrong kernel or a flipped byte.
 */
export const LOGITS_TOLERANCE = 1e-3;
/** Routing scores are means of probabilities, some hundredfold smaller than logits. */
export const SCORES_TOLERANCE = 1e-5;

/** Compares a regime with PyTorch's answers; a token must agree only where the top two stand further apart than twice the tolerance. */
export async function checkGolden(regime: BoundRegime, golden: RegimeGolden): Promise<GateResult> {
  let maxDifference = 0;
  let agreeing = 0;
  let isRoutingRight = true;
  for (const [i, context] of golden.contexts.entries()) {
    let agrees = true;
    for (const [prompt, expected] of golden.logits.entries()) {
      const observed = await runContext(regime, prompt, context);
      const { vocabSize } = regime.decoder.config;
      const row = expected.subarray(i * vocabSize, (i + 1) * vocabSize);
      maxDifference = Math.max(maxDifference, differ(observed, row));
      agrees &&= argmax(observed) === argmax(row) || topGap(row) <= 2 * LOGITS_TOLERANCE;
    }
    isRoutingRight &&= await routesAlike(regime, context, golden.scores, i);
    if (agrees) agreeing++;
  }
  const contexts = golden.contexts.length;
  const isClose = maxDifference <= LOGITS_TOLERANCE && agreeing === contexts && isRoutingRight;
  return { status: isClose ? 'passed' : 'failed', maxDifference, tolerance: LOGITS_TOLERANCE, agreeing, contexts };
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

async function routesAlike(
  { routing, weights }: BoundRegime,
  context: readonly number[],
  golden: Float32Array | null,
  index: number,
): Promise<boolean> {
  if (routing === null || golden === null) return true;
  const [observed] = await routing.router.route(weights, routing.pool, [context], 0);
  const count = routing.pool.lengths.length;
  const expected = golden.subarray(index * count, (index + 1) * count);
  if (observed === undefined || differ(observed, expected) > SCORES_TOLERANCE) return false;
  const wanted = toRoutingResult(expected);
  return wanted.margin <= 2 * SCORES_TOLERANCE || toRoutingResult(observed).chosen === wanted.chosen;
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

function topGap(row: Float32Array): number {
  const [first = 0, second = 0] = Array.from(row).sort((a, b) => b - a);
  return first - second;
}
