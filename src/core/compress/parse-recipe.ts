import { LINEAR_NAMES, linearModules, type ModelConfig } from '../checkpoint/checkpoint.ts';
import { type LayerSizes, wholeLayers } from '../checkpoint/layer-shape.ts';
import { linearShape } from '../checkpoint/shapes.ts';
import { AppError } from '../errors.ts';
import { isObject, show } from '../json.ts';
import { findMethod, METHODS, methodOf } from './methods.ts';
import type { Recipe, RecipeStep } from './recipe.ts';
import { refuseRecipe, stepFields } from './step-fields.ts';

/** Most steps of a recipe; more than prune, quantize and a second of each has no use, and a link should stay short. */
const MAX_STEPS = 8;

/** A recipe from a link, a file or a pack, its form checked; throws `recipe-invalid` with step, field, value and rule. */
export function parseRecipe(json: unknown): Recipe {
  if (!isObject(json)) return refuse('recipe', json, 'an object');
  if (json.version !== 1) refuse('version', json.version, '1');
  const { steps } = json;
  if (!Array.isArray(steps) || steps.length < 1 || steps.length > MAX_STEPS) {
    return refuse('steps', Array.isArray(steps) ? steps.length : steps, `a list of 1 to ${MAX_STEPS} steps`);
  }
  return { version: 1, steps: steps.map(parseStep) };
}

/** Refuses a recipe that does not fit a model: unknown modules, and options that its matrices do not allow. */
export function checkRecipe(recipe: Recipe, config: ModelConfig): void {
  checkSteps(recipe, config, { from: 0, layers: wholeLayers(config) });
}

/**
 * The same for the steps from index `from` on, at which the layers have these sizes. Behind a step whose sizes hang on what it will
 * see, matrices are not checked until it has.
 */
export function checkSteps(
  recipe: Recipe,
  config: ModelConfig,
  { from, layers }: { from: number; layers: readonly LayerSizes[] },
): void {
  const modules = linearModules(config.numLayers);
  const known = new Set(modules);
  let sizes: readonly LayerSizes[] | null = layers;
  for (const [index, step] of recipe.steps.entries()) {
    if (index < from) continue;
    const exclude = new Set(step.exclude);
    const refuse = (field: string, value: unknown, allowed: string) => refuseRecipe(index, field, value, allowed);
    const expectModule = (field: string, name: string) => {
      if (!known.has(name)) refuse(field, name, `a module such as "${modules[0]}"`);
    };
    for (const name of exclude) expectModule('exclude', name);
    const inputs = new Map<string, number>();
    for (const [layer, size] of (sizes ?? []).entries()) {
      for (const name of LINEAR_NAMES) {
        const module = `model.layers.${layer}.${name}`;
        const shape = linearShape({ ...config, ...size }, name);
        if (!exclude.has(module) && shape !== undefined) inputs.set(module, shape[1]);
      }
    }
    const method = methodOf(step);
    method.checkFit?.(step, { inputs, hiddenSize: config.hiddenSize, expectModule, refuse });
    if (method.kind === 'structured') sizes = sizes && method.sizesAfter(sizes, step);
  }
}

function parseStep(json: unknown, index: number): RecipeStep {
  if (!isObject(json)) return refuseRecipe(index, 'step', json, 'an object');
  const fields = stepFields(json, index);
  const method = fields.has('method') ? findMethod(json.method) : undefined;
  if (method === undefined) return refuseRecipe(index, 'method', json.method, Object.keys(METHODS).join(' or '));
  const step = method.parseOptions(fields);
  const exclude = fields.names('exclude');
  fields.refuseOthers();
  return exclude === undefined ? step : ({ ...step, exclude } as RecipeStep);
}

function refuse(field: string, value: unknown, allowed: string): never {
  throw new AppError('recipe-invalid', `The recipe: ${field} is ${show(value)}, where ${allowed} must stand.`, {
    field,
    observed: show(value),
    allowed,
  });
}
