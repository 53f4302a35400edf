import type { ModelConfig } from '../src/core/checkpoint/checkpoint.ts';
import { linearModules } from '../src/core/checkpoint/checkpoint.ts';
import { linearShape } from '../src/core/checkpoint/shapes.ts';
import type { Recipe } from '../src/core/compress/recipe.ts';
import { type Task, toContext } from '../src/core/eval/tasks.ts';
import { normal, seededRandom, shuffled } from '../src/core/random.ts';
import type { Recovery } from '../src/core/recover/recovery.ts';
import type { Regime } from '../src/core/recover/regime.ts';
import type { LoraModule, Repair, SoftPrompt } from '../src/core/recover/repair.ts';
import type { ScoreItem } from '../src/engine/protocol.ts';
import { tinyCheckpoint } from '../src/testing/make-checkpoint.ts';

/** Random weights in the sizes of the shipped model: how long a run takes does not hang on their values. */
const SIZES: Partial<ModelConfig> = {
  hiddenSize: 128,
  intermediateSize: 384,
  numLayers: 4,
  numHeads: 4,
  numKvHeads: 2,
  headDim: 32,
  maxPositions: 512,
};
const SEED = 11;

export function makeBenchCheckpoint(vocabSize: number) {
  return tinyCheckpoint({ ...SIZES, vocabSize }, SEED);
}

/** Questions of the task, one a fact, in seeded order. */
export function makeItems({ facts, relations }: Task, count: number): ScoreItem[] {
  return shuffled(facts, seededRandom(SEED))
    .slice(0, count)
    .flatMap((fact) => {
      const relation = relations.get(fact.relation);
      if (relation === undefined) return [];
      const form = relation.statements.length; // the first question form
      return [{ id: fact.id, context: toContext(fact, relation, form), answer: fact.answer }];
    });
}

const PRUNED: Recipe = { version: 1, steps: [{ method: 'magnitude', sparsity: 0.5, granularity: 'per-output' }] };
const QUANTIZED: Recipe = { version: 1, steps: [{ method: 'rtn', bits: 4, groupSize: 32, symmetric: false }] };

/** A regime of the bench with its repair. */
export interface BenchRegime {
  regime: Regime;
  repair: Repair | null;
}

/** The five regimes of the board on a pruned variant, and a quantized one. */
export function makeBenchRegimes(config: ModelConfig): BenchRegime[] {
  const random = seededRandom(SEED);
  const draw = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * normal(random));
  const prompt = (n: number): SoftPrompt => ({
    kind: 'prompt',
    vectors: { shape: [n, config.hiddenSize], data: draw(n * config.hiddenSize, 0.3) },
  });
  const modules = new Map<string, LoraModule>();
  for (const module of linearModules(config.numLayers)) {
    const shape = linearShape(config, module.split('.').slice(3).join('.')) ?? [0, 0];
    modules.set(module, { r: 8, scale: 2, a: draw(8 * shape[1], 0.05), b: draw(shape[0] * 8, 0.05), shape });
  }
  const lora: Repair = { kind: 'lora', modules };
  const pool: Repair = { kind: 'pool', prompts: Array.from({ length: 6 }, () => prompt(8)), start: 8 };
  const make = (id: string, recipe: Recipe | null, recovery: Recovery, repair: Repair | null = null): BenchRegime => ({
    regime: { id, recipe, recovery },
    repair,
  });
  return [
    make('dense', null, { kind: 'none' }),
    make('pruned', PRUNED, { kind: 'none' }),
    make('prompt', PRUNED, { kind: 'prompt', repairId: 'prompt' }, prompt(16)),
    make('idp', PRUNED, { kind: 'idp', repairId: 'pool' }, pool),
    make('lora-merged', PRUNED, { kind: 'lora-merged', repairId: 'lora', recompress: false }, lora),
    make('lora-unmerged', PRUNED, { kind: 'lora-unmerged', repairId: 'lora' }, lora),
    make('4 bit', QUANTIZED, { kind: 'none' }),
  ];
}
