import type { Recipe } from '../src/core/compress/recipe.ts';
import { seededRandom, shuffled } from '../src/core/random.ts';
import type { Regime } from '../src/core/recover/regime.ts';
import type { ScoreItem } from '../src/engine/protocol.ts';
import type { Runner } from '../src/engine/runner-type.ts';
import { quantile } from './quantile.ts';

export interface SmallerRow {
  regime: string;
  /** Medians over all rounds. */
  prefillMs: number;
  perTokenMs: number;
  packedMsPerItem: number;
  /** The dense model's packed milliseconds over these. */
  timesAsFast: number;
  storedBytes: number;
}

const HALF = { share: 0.5, allocation: 'uniform', calibration: { samples: 64, seed: 0 } } as const;
const NEURONS = { method: 'neurons', ...HALF } as const;
const RECIPES: Readonly<Record<string, Recipe | null>> = {
  dense: null,
  'half of the neurons': { version: 1, steps: [NEURONS] },
  'half of the neurons and heads': { version: 1, steps: [NEURONS, { method: 'heads', ...HALF }] },
};

/** New tokens of a timed answer. */
const NEW_TOKENS = 16;

/** Times the dense model against what is left of it without whole units; all regimes in turn, in random order, the first round is not counted. */
export async function measureSmaller(
  runner: Runner,
  items: readonly ScoreItem[],
  rounds: number,
): Promise<SmallerRow[]> {
  const rows = await Promise.all(
    Object.entries(RECIPES).map(async ([name, recipe]) => {
      const regime: Regime = { id: name, recipe, recovery: { kind: 'none' } };
      const { size } = await runner.prepareRegime(regime, null, null);
      const times = { prefill: [] as number[], perToken: [] as number[], packed: [] as number[] };
      return { regime, storedBytes: size.storedBytes, times };
    }),
  );
  const random = seededRandom(7);
  const context = items[0]?.context ?? '';
  for (let round = -1; round < rounds; round++) {
    for (const { regime, times } of shuffled(rows, random)) {
      const { ttftMs, perTokenMs } = await runner.time(regime, context, NEW_TOKENS);
      const startedAt = performance.now();
      await runner.score(regime, items);
      const packedMs = (performance.now() - startedAt) / items.length;
      if (round < 0) continue;
      times.prefill.push(ttftMs);
      times.perToken.push(perTokenMs);
      times.packed.push(packedMs);
    }
  }
  const denseMs = quantile(rows[0]?.times.packed ?? [], 0.5);
  return rows.map(({ regime, storedBytes, times }) => {
    const packedMsPerItem = quantile(times.packed, 0.5);
    return {
      regime: regime.id,
      prefillMs: quantile(times.prefill, 0.5),
      perTokenMs: quantile(times.perToken, 0.5),
      packedMsPerItem,
      timesAsFast: denseMs / packedMsPerItem,
      storedBytes,
    };
  });
}
