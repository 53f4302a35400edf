import type { Recipe } from '../src/core/compress/recipe.ts';
import { GREEDY } from '../src/core/eval/sampling.ts';
import type { Regime } from '../src/core/recover/regime.ts';
import type { Runner } from '../src/engine/runner-type.ts';
import { quantile } from './quantile.ts';

export interface SliderRow {
  method: string;
  /** The new variant made and its weights in place. */
  editMedianMs: number;
  editP95Ms: number;
  /** From there to the first token of the new answer. */
  answerP95Ms: number;
  /** One prefill of the same variant. */
  prefillP95Ms: number;
  /** Answer over prefill at the 95th percentile. */
  ratio: number;
}

const SPARSITIES = Array.from({ length: 46 }, (_, i) => 0.4 + i / 100);
const BITS = [2, 3, 4, 8] as const;

/** The recipes that a hand on the control runs through. */
const MOVES: Readonly<Record<string, readonly Recipe[]>> = {
  magnitude: SPARSITIES.map((sparsity) => ({
    version: 1,
    steps: [{ method: 'magnitude', sparsity, granularity: 'per-output' }],
  })),
  rtn: SPARSITIES.map((_, i) => ({
    version: 1,
    steps: [{ method: 'rtn', bits: BITS[i % BITS.length] ?? 4, groupSize: 32, symmetric: i % 8 >= BITS.length }],
  })),
};

/** Times what a move of the level costs: the edit, and the first token of the new answer against one prefill; the first moves warm up. */
export async function measureSlider(runner: Runner, context: string, moves: number): Promise<SliderRow[]> {
  const rows: SliderRow[] = [];
  for (const [method, recipes] of Object.entries(MOVES)) {
    const edits: number[] = [];
    const answers: number[] = [];
    const prefills: number[] = [];
    const warmUp = BITS.length;
    for (const [i, recipe] of recipes.slice(0, warmUp + moves).entries()) {
      const regime: Regime = { id: `${method} ${i}`, recipe, recovery: { kind: 'none' } };
      const movedAt = performance.now();
      await runner.loadRecipe(recipe);
      const editedAt = performance.now();
      const answerMs = await toFirstToken(runner, regime, context);
      const { ttftMs } = await runner.time(regime, context, 1);
      if (i < warmUp) continue;
      edits.push(editedAt - movedAt);
      answers.push(answerMs);
      prefills.push(ttftMs);
    }
    const [answerP95Ms, prefillP95Ms] = [quantile(answers, 0.95), quantile(prefills, 0.95)];
    rows.push({
      method,
      editMedianMs: quantile(edits, 0.5),
      editP95Ms: quantile(edits, 0.95),
      answerP95Ms,
      prefillP95Ms,
      ratio: answerP95Ms / prefillP95Ms,
    });
  }
  return rows;
}

/** Milliseconds from the request to the first token of an answer; of an empty one to its end. */
export async function toFirstToken(runner: Runner, regime: Regime, context: string): Promise<number> {
  const askedAt = performance.now();
  let firstMs: number | null = null;
  const onToken = () => {
    firstMs ??= performance.now() - askedAt;
  };
  await runner.generate({ regime, context, answer: null, maxNewTokens: 1, sampling: GREEDY }, { onToken });
  return firstMs ?? performance.now() - askedAt;
}
