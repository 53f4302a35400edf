import { linearModules, type ModelConfig } from '../checkpoint/checkpoint.ts';
import { linearShape } from '../checkpoint/shapes.ts';
import { AppError } from '../errors.ts';
import { isObject, show } from '../json.ts';
import { METHODS } from './methods.ts';
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

/** Refuses a recipe that does not fit a model: unknown modules, groups that do not divide its matrices' inputs. */
export function checkRecipe(recipe: Recipe, config: ModelConfig): void {
  const modules = linearModules(config.numLayers);
  const known = new Set(modules);
  for (const [index, step] of recipe.steps.entries()) {
    const named = [
      ...(step.exclude ?? []).map((name) => ['exclude', name] as const),
      ...(step.method === 'rtn' ? Object.keys(step.bitsPerMatrix ?? {}) : []).map(
        (name) => ['bitsPerMatrix', name] as const,
      ),
    ];
    for (const [field, name] of named) {
      if (!known.has(name)) refuseRecipe(index, field, name, `a module such as "${modules[0]}"`);
    }
    if (step.method === 'rtn') checkGroupSize(index, step.groupSize, modules, step.exclude ?? [], config);
  }
}

function parseStep(json: unknown, index: number): RecipeStep {
  if (!isObject(json)) return refuseRecipe(index, 'step', json, 'an object');
  const method = typeof json.method === 'string' ? METHODS.get(json.method) : undefined;
  if (method === undefined) return refuseRecipe(index, 'method', json.method, [...METHODS.keys()].join(' or '));
  return method.parseOptions(stepFields(json, index));
}

function checkGroupSize(
  index: number,
  groupSize: number,
  modules: readonly string[],
  exclude: readonly string[],
  config: ModelConfig,
): void {
  for (const module of modules) {
    if (exclude.includes(module)) continue;
    const inputs = linearShape(config, module.split('.').slice(3).join('.'))?.[1] ?? 0;
    if (inputs % groupSize !== 0) {
      refuseRecipe(index, 'groupSize', groupSize, `a divisor of the ${inputs} inputs of ${module}`);
    }
  }
}

function refuse(field: string, value: unknown, allowed: string): never {
  throw new AppError('recipe-invalid', `The recipe: ${field} is ${show(value)}, where ${allowed} must stand.`, {
    field,
    observed: show(value),
    allowed,
  });
}
