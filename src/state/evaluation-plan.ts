import type { Recipe } from '../core/compress/recipe.ts';
import type { Fact, Relation } from '../core/eval/fact.ts';
import { toQuestionContext } from '../core/eval/tasks.ts';
import type { Fold, PackManifest } from '../core/pack/manifest.ts';
import { seededRandom, shuffled } from '../core/random.ts';
import { REGIME_KEYS, type Regime, type RegimeKey } from '../core/recover/regime.ts';
import type { ScoreItem } from '../engine/protocol.ts';
import { toQuestion } from './questions.ts';
import { isRepaired, type TwinFold, toRegimePlan } from './regimes.ts';

/** One order of items for everyone, so that what was scored in an earlier visit is found again. */
export const ITEM_SEED = 20_231;

/** A fact asked in one question form. */
export interface PlannedItem extends ScoreItem {
  fact: Fact;
}

/** One regime that scores items; a place on the board with a repair has two, one per twin. */
export interface PlannedUnit {
  key: RegimeKey;
  /** The fold that its repair saw; null without a repair. */
  fold: TwinFold | null;
  regime: Regime;
  /** The repair was trained for another recipe. */
  isTransferred: boolean;
}

/**
 * Every question of the folds' facts in seeded random order: each fact once before any comes again in another form, folds taking
 * turns. Development facts are left out. The first n items are the same whatever n is.
 */
export function planItems(
  facts: readonly Fact[],
  relations: ReadonlyMap<string, Relation>,
  folds: readonly Fold[],
): PlannedItem[] {
  const random = seededRandom(ITEM_SEED);
  const queues = folds.map((fold) =>
    shuffled(
      facts.filter((fact) => fact.fold === fold && !fact.dev),
      random,
    ).map((fact) => ({ fact, firstForm: random.integer(1 << 16) })),
  );
  const items: PlannedItem[] = [];
  const rounds = Math.max(0, ...[...relations.values()].map(({ questions }) => questions.length));
  for (let round = 0; round < rounds; round++) {
    for (const { fact, firstForm } of interleave(queues)) {
      const relation = relations.get(fact.relation);
      if (relation === undefined || round >= relation.questions.length) continue;
      const form = (firstForm + round) % relation.questions.length;
      items.push(toItem(fact, relation, form));
    }
  }
  return items;
}

/** How many items there are of the folds A and B, development facts left out. */
export function countQuestions(facts: readonly Fact[], relations: ReadonlyMap<string, Relation>): number {
  return facts.reduce((sum, { fold, dev, relation }) => {
    const isAsked = (fold === 'A' || fold === 'B') && !dev;
    return sum + (isAsked ? (relations.get(relation)?.questions.length ?? 0) : 0);
  }, 0);
}

/** A fact in one of its question forms. */
export function toItem(fact: Fact, relation: Relation, form: number): PlannedItem {
  const context = toQuestionContext(toQuestion(fact, relation, form));
  return { id: `${fact.id}?${form}`, context, answer: fact.answer, fact };
}

/** The regimes to score for what is shown; dense and compressed always, since every figure is read against them. */
export function planUnits(
  shown: readonly RegimeKey[],
  recipe: Recipe,
  manifest: PackManifest,
  textPrompt: string,
): PlannedUnit[] {
  const keys = new Set<RegimeKey>(['dense', 'compressed', ...shown]);
  return REGIME_KEYS.filter((key) => keys.has(key)).flatMap((key) => {
    const folds: readonly TwinFold[] = isRepaired(key) ? ['A', 'B'] : ['A'];
    return folds.flatMap((fold): PlannedUnit[] => {
      const { regime, repair, transferred } = toRegimePlan(key, { recipe, manifest, fold, textPrompt });
      if (regime === null || (repair !== null && repair.fold !== fold)) return [];
      return [{ key, fold: repair?.fold ?? null, regime, isTransferred: transferred }];
    });
  });
}

function interleave<T>(queues: readonly (readonly T[])[]): T[] {
  const length = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length }, (_, i) => queues.flatMap((queue) => queue.slice(i, i + 1))).flat();
}
