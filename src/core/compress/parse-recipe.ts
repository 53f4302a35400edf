import { linearModules, type ModelConfig } from '../checkpoint/checkpoint.ts';
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
  const modules = linearModules(config.numLayers);
  const known = new Set(modules);
  for (const [index, step] of recipe.steps.entries()) {
    const exclude = new Set(step.exclude);
    const refuse = (field: string, value: unknown, allowed: string) => refuseRecipe(index, field, value, allowed);
    const expectModule = (field: string, name: string) => {
      if (!known.has(name)) refuse(field, name, `a module such as "${modules[0]}"`);
    };
    for (const name of exclude) expectModule('exclude', name);
    const inputs = new Map(
      modules.filter((module) => !exclude.has(module)).map((module) => [module, toInputs(module, config)]),
    );
    methodOf(step).checkFit?.(step, { inputs, expectModule, refuse });
  }
}

function toInputs(module: string, config: ModelConfig): number {
  return linearShape(config, module.split('.').slice(3).join('.'))?.[1] ?? 0;
}

function parseStep(json: unknown, index: number): RecipeStep {
  if (!isObject(json)) return refuseRecipe(index, 'step', json, 'an object');
  const method = findMethod(json.method);
  if (method === undefined) return refuseRecipe(index, 'method', json.method, Object.keys(METHODS).join(' or '));
  return method.parseOptions(stepFields(json, index));
}

function refuse(field: string, value: unknown, allowed: string): never {
  throw new AppError('recipe-invalid', `The recipe: ${field} is ${show(value)}, where ${allowed} must stand.`, {
    field,
    observed: show(value),
    allowed,
  });
}
