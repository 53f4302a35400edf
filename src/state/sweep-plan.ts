import { LINEAR_NAMES, linearModules } from '../core/checkpoint/checkpoint.ts';
import {
  AXIS_OF,
  actsOnSingle,
  DEFAULT_LEVELS,
  isLevel,
  levelOnAxis,
  METHOD_IDS,
  restrictRecipe,
  toStep,
} from '../core/compress/levels.ts';
import type { Recipe } from '../core/compress/recipe.ts';
import { isSameRecipe, toRecipeKey, toRecipeLabel } from '../core/compress/recipe-key.ts';
import type { PackManifest, PackRecipe } from '../core/pack/manifest.ts';
import type { Regime, RegimeKey } from '../core/recover/regime.ts';
import { DENSE_REGIME } from './engine-faults.ts';
import { type PlannedItem, type PlannedUnit, planUnits } from './evaluation-plan.ts';
import type { SensitivityCell, SweepPlan, SweepPoint } from './sweep-state.ts';

/** The shipped recipes and all methods at all their levels, in the regimes that the board shows first. */
export const DEFAULT_PLAN: SweepPlan = {
  withShipped: true,
  methods: METHOD_IDS.map((method) => ({ method, levels: DEFAULT_LEVELS[AXIS_OF[method]] })),
  regimes: ['compressed', 'prompt', 'idp', 'lora-merged'],
  itemsPerRegime: 200,
};

/** A recipe in one regime, with what is asked of it: held-out items only of a repair, each asked of the twin that never saw it. */
export interface Measurement {
  /** Null for the dense model. */
  recipe: Recipe | null;
  regime: RegimeKey;
  label: string;
  units: readonly { regime: Regime; items: readonly PlannedItem[] }[];
  /** What the number of items that its comparison waits for is kept under; null where it is the other side of one. */
  presetKey: string | null;
}

/** A point of the sweep before it is measured. */
export type PlannedPoint = Measurement & Pick<SweepPoint, 'method' | 'level' | 'transferredFrom'>;

/** A cell of the sensitivity map before it is measured. */
export type PlannedCell = Measurement & Pick<SensitivityCell, 'layer' | 'matrix'>;

/** How many answers it takes. */
export function countItems({ units }: Measurement): number {
  return units.reduce((sum, { items }) => sum + items.length, 0);
}

/** A recipe of the plan, and its place among the levels of a method where it has one. */
type PlannedRecipe = Pick<SweepPoint, 'method' | 'level'> & { recipe: Recipe };

/** The pack's own recipes where they are wanted, then every method at every level that it has; the same recipe once. */
export function planRecipes({ withShipped, methods }: SweepPlan, shipped: readonly PackRecipe[]): PlannedRecipe[] {
  const recipes = [
    ...(withShipped ? shipped.map(({ recipe }) => recipe) : []),
    ...methods.flatMap(({ method, levels }) =>
      levels
        .filter((level) => isLevel(method, level))
        .map((level): Recipe => ({ version: 1, steps: [toStep(method, level)] })),
    ),
  ];
  return [...new Map(recipes.map((recipe) => [toRecipeKey(recipe), recipe])).values()].map((recipe) => {
    const [step] = recipe.steps;
    const isOneStep = step !== undefined && recipe.steps.length === 1;
    return { recipe, method: isOneStep ? step.method : null, level: isOneStep ? levelOnAxis(step) : null };
  });
}

/** The dense model, then every recipe of the plan in every regime that the pack allows, recipe by recipe. */
export function planPoints(plan: SweepPlan, manifest: PackManifest, items: readonly PlannedItem[]): PlannedPoint[] {
  const dense: PlannedPoint = {
    recipe: null,
    method: null,
    level: null,
    regime: 'dense',
    label: 'Dense',
    transferredFrom: null,
    units: [{ regime: DENSE_REGIME, items }],
    presetKey: null,
  };
  const points = planRecipes(plan, manifest.recipes).flatMap(({ recipe, method, level }) => {
    const units = planUnits(plan.regimes, recipe, manifest, '');
    return plan.regimes.flatMap((regime): PlannedPoint[] => {
      const own = units.filter(({ key }) => key === regime);
      if (regime === 'dense' || own.length === 0) return [];
      return [
        {
          recipe,
          method,
          level,
          regime,
          label: toLabel(recipe, manifest),
          transferredFrom: toOrigin(own, manifest),
          units: own.map((unit) => ({ regime: unit.regime, items: toAsked(unit, items) })),
          presetKey: regime === 'compressed' ? null : toRecipeKey(recipe),
        },
      ];
    });
  });
  return [dense, ...points];
}

/** The name that stands for a layer's seven matrices together. */
export const WHOLE_LAYER = 'all';

/** Every layer as a whole, then its matrices one by one where the recipe can act on one, compressed alone by it. */
export function planCells(recipe: Recipe, manifest: PackManifest, items: readonly PlannedItem[]): PlannedCell[] {
  const numLayers = manifest.checkpoint.layers;
  const all = linearModules(numLayers);
  const single = actsOnSingle(recipe) ? LINEAR_NAMES : [];
  return Array.from({ length: numLayers }, (_, layer) => layer).flatMap((layer) =>
    [WHOLE_LAYER, ...single].map((matrix): PlannedCell => {
      const names = matrix === WHOLE_LAYER ? LINEAR_NAMES : [matrix];
      const alone = restrictRecipe(recipe, new Set(names.map((name) => `model.layers.${layer}.${name}`)), all);
      // Not the key of the restricted recipe, which names every other matrix: hundreds of results are stored under it.
      const id = `alone ${layer}.${matrix} | ${toRecipeKey(recipe)}`;
      const regime: Regime = { id, recipe: alone, recovery: { kind: 'none' } };
      const label = `layer ${layer}, ${matrix === WHOLE_LAYER ? 'all matrices' : matrix}`;
      const presetKey = toMapKey(recipe);
      return { recipe: alone, layer, matrix, regime: 'compressed', label, units: [{ regime, items }], presetKey };
    }),
  );
}

/** What is kept of the sensitivity map of a recipe, apart from what is kept of the recipe. */
export function toMapKey(recipe: Recipe): string {
  return `alone | ${toRecipeKey(recipe)}`;
}

/** The name that the pack gave a recipe, else the recipe in words. */
export function toLabel(recipe: Recipe, manifest: PackManifest): string {
  return manifest.recipes.find((entry) => isSameRecipe(entry.recipe, recipe))?.label ?? toRecipeLabel(recipe);
}

/** Held-out items of a repair, all items of a regime without one. */
function toAsked({ fold }: PlannedUnit, items: readonly PlannedItem[]): readonly PlannedItem[] {
  return fold === null ? items : items.filter(({ fact }) => fact.fold !== fold);
}

/** The name of the recipe that a repair was trained for, where it is another one. */
function toOrigin(units: readonly PlannedUnit[], manifest: PackManifest): string | null {
  const unit = units.find(({ isTransferred }) => isTransferred);
  if (unit === undefined || !('repairId' in unit.regime.recovery)) return null;
  const { repairId } = unit.regime.recovery;
  const repair = manifest.repairs.find(({ id }) => id === repairId);
  return manifest.recipes.find(({ id }) => id === repair?.recipeId)?.label ?? null;
}
