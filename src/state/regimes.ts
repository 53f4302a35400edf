import { linearModules } from '../core/checkpoint/checkpoint.ts';
import { AXIS_OF, levelOnAxis } from '../core/compress/levels.ts';
import { methodOf } from '../core/compress/methods.ts';
import { toAmountDistance } from '../core/compress/pruning-amount.ts';
import type { Recipe, RecipeStep } from '../core/compress/recipe.ts';
import { isSameRecipe, toRecipeKey } from '../core/compress/recipe-key.ts';
import { toRoundingDistance } from '../core/compress/rounding-options.ts';
import type { PackManifest, PackRepair } from '../core/pack/manifest.ts';
import type { Recovery } from '../core/recover/recovery.ts';
import type { Regime, RegimeKey } from '../core/recover/regime.ts';
import { toFingerprint } from './fingerprint.ts';

export type TwinFold = 'A' | 'B';

/** What stands behind one place of the board for a recipe. */
export interface RegimePlan {
  key: RegimeKey;
  /** Null where it cannot be asked; `unavailable` then says why. */
  regime: Regime | null;
  unavailable: string | null;
  repair: PackRepair | null;
  /** The repair was trained for another recipe than this one. */
  transferred: boolean;
}

export interface RegimeContext {
  recipe: Recipe;
  manifest: PackManifest;
  /** The twin that is wanted: the one trained on this fold. */
  fold: TwinFold;
  /** What the person typed for the `text` regime. */
  textPrompt: string;
}

/** The regime of a place on the board: the repair trained for the recipe, else the one of the nearest recipe, said so. */
export function toRegimePlan(key: RegimeKey, context: RegimeContext): RegimePlan {
  const { recipe } = context;
  const plan = { key, unavailable: null, repair: null, transferred: false };
  switch (key) {
    case 'dense':
      return { ...plan, regime: { id: 'dense', recipe: null, recovery: { kind: 'none' } } };
    case 'compressed':
      return { ...plan, regime: { id: toRegimeId(key, recipe), recipe, recovery: { kind: 'none' } } };
    case 'text': {
      const text = context.textPrompt.trim();
      if (text === '') return { ...plan, regime: null, unavailable: 'Type a text prompt to ask with one.' };
      const id = `${toRegimeId(key, recipe)} | ${toFingerprint(text)}`;
      return { ...plan, regime: { id, recipe, recovery: { kind: 'text', text } } };
    }
    default:
      return toRepairedPlan(key, context);
  }
}

/** The regime of a place with the repair that was trained like the one there, but on shuffled answers: what form and frequent answers give. */
export function toShuffledPlan(key: TrainedKey, context: RegimeContext): RegimePlan {
  return toRepairedPlan(key, context, true);
}

/** Whether a place on the board holds a repair, and so has a seen and a held-out fold. */
export function isRepaired(key: RegimeKey): boolean {
  return key !== 'dense' && key !== 'compressed' && key !== 'text';
}

function toRepairedPlan(key: RepairedKey, context: RegimeContext, isShuffled = false): RegimePlan {
  const { recipe, manifest, fold } = context;
  const plan = { key, unavailable: null, repair: null, transferred: false };
  const trainedAs = TRAINED_AS[key];
  const candidates = manifest.repairs.filter(
    (repair) => repair.shuffledAnswers === isShuffled && toTrainedKey(repair) === trainedAs,
  );
  const found = findNearest(candidates, recipe, manifest, fold);
  if (found === null) return { ...plan, regime: null, unavailable: 'This pack has no repair of this kind.' };
  const { repair, transferred } = found;
  return { ...plan, regime: toRepairedRegime(key, recipe, repair.id), repair, transferred };
}

/** The regime of a place on the board with this repair in it, whatever recipe the repair was trained for. */
export function toRepairedRegime(key: RepairedKey, recipe: Recipe, repairId: string): Regime {
  return { id: `${toRegimeId(key, recipe)} | ${repairId}`, recipe, recovery: toRecovery(key, repairId) };
}

function findNearest(
  candidates: readonly PackRepair[],
  recipe: Recipe,
  manifest: PackManifest,
  fold: TwinFold,
): { repair: PackRepair; transferred: boolean } | null {
  const modules = linearModules(manifest.checkpoint.layers);
  const byDistance = manifest.recipes
    .map((entry) => ({ id: entry.id, distance: toRecipeDistance(entry.recipe, recipe, modules) }))
    .sort((a, b) => a.distance - b.distance);
  for (const { id, distance } of byDistance) {
    const ours = candidates
      .filter((repair) => repair.recipeId === id)
      .sort((a, b) => toRank(a, fold) - toRank(b, fold));
    if (ours[0] !== undefined) return { repair: ours[0], transferred: distance > 0 };
  }
  return null;
}

/** The wanted twin first. */
function toRank(repair: PackRepair, fold: TwinFold): number {
  return repair.fold === fold ? 0 : 1;
}

export type RepairedKey = Exclude<RegimeKey, 'dense' | 'compressed' | 'text'>;

/** Where a trained repair stands: a LoRA is one repair, whether it is merged, compressed again or run beside its matrices. */
export const TRAINED_KEYS = ['prompt', 'idp', 'lora-merged', 'prefix', 'idp-apart', 'lora-r1'] as const;

export type TrainedKey = (typeof TRAINED_KEYS)[number];

const TRAINED_AS: Record<RepairedKey, TrainedKey> = {
  prompt: 'prompt',
  idp: 'idp',
  'idp-apart': 'idp-apart',
  prefix: 'prefix',
  'lora-merged': 'lora-merged',
  'lora-recompressed': 'lora-merged',
  'lora-unmerged': 'lora-merged',
  'lora-r1': 'lora-r1',
};

/** The place that a repair was trained for. */
export function toTrainedKey(repair: PackRepair): TrainedKey {
  switch (repair.kind) {
    case 'pool':
      return repair.trained === 'routed' ? 'idp' : 'idp-apart';
    case 'lora':
      return repair.r > 1 ? 'lora-merged' : 'lora-r1';
    case 'prompt':
    case 'prefix':
      return repair.kind;
    default:
      return repair satisfies never;
  }
}

function toRecovery(key: RepairedKey, repairId: string): Recovery {
  switch (key) {
    case 'idp':
    case 'idp-apart':
      return { kind: 'idp', repairId };
    case 'prompt':
    case 'prefix':
    case 'lora-unmerged':
      return { kind: key, repairId };
    case 'lora-merged':
    case 'lora-r1':
      return { kind: 'lora-merged', repairId, recompress: false };
    case 'lora-recompressed':
      return { kind: 'lora-merged', repairId, recompress: true };
    default:
      return key satisfies never;
  }
}

function toRegimeId(key: RegimeKey, recipe: Recipe): string {
  return `${key} | ${toRecipeKey(recipe)}`;
}

/** What a step counts that the other recipe has none for, and one of another kind. */
const FAR = 20;

/**
 * How far two recipes lie apart for a model with these linear modules: 0 for the same one, below 10 within a method, below 20 between two that
 * prune or two that round. Of recipes with several steps those are compared, in their order, that lie nearest to each other.
 */
export function toRecipeDistance(one: Recipe, other: Recipe, modules: readonly string[]): number {
  if (isSameRecipe(one, other)) return 0;
  // The least sum for the steps so far and the first 0, 1, ... of the other recipe.
  let least = [0, ...other.steps.map((_, i) => (i + 1) * FAR)];
  for (const step of one.steps) {
    const next = [(least[0] ?? 0) + FAR];
    for (const [i, theirs] of other.steps.entries()) {
      const matched = (least[i] ?? 0) + toStepDistance(step, theirs, modules);
      next.push(Math.min(matched, (least[i + 1] ?? 0) + FAR, (next[i] ?? 0) + FAR));
    }
    least = next;
  }
  return 1e-3 + (least.at(-1) ?? 0);
}

function toStepDistance(one: RecipeStep, other: RecipeStep, modules: readonly string[]): number {
  if (one.method === other.method) return methodOf(one).toDistance(one, other, modules);
  return AXIS_OF[one.method] === AXIS_OF[other.method] ? 10 + toOptionsDistance(one, other, modules) : FAR;
}

/** How far steps of two methods of one kind lie apart by the options that both have. */
function toOptionsDistance(one: RecipeStep, other: RecipeStep, modules: readonly string[]): number {
  if ('bits' in one && 'bits' in other) return toRoundingDistance(one, other, modules);
  if (isPruning(one) && isPruning(other)) return toAmountDistance(one, other, modules);
  return Math.abs(levelOnAxis(one) - levelOnAxis(other));
}

function isPruning(step: RecipeStep): step is Exclude<RecipeStep, { bits: unknown } | { share: unknown }> {
  return !('bits' in step) && !('share' in step);
}
