import { awq } from './awq.ts';
import { gptq } from './gptq.ts';
import { heads } from './heads.ts';
import { magnitude } from './magnitude.ts';
import type { Method } from './method.ts';
import { neurons } from './neurons.ts';
import type { RecipeStep } from './recipe.ts';
import { rtn } from './rtn.ts';
import { sparsegpt } from './sparsegpt.ts';
import { wanda } from './wanda.ts';

/** Every way to compress, by the id that its steps carry, in the order a form offers them. */
export const METHODS = { magnitude, wanda, sparsegpt, rtn, gptq, awq, neurons, heads };

/** The method of an id that came from outside; undefined where there is none. */
export function findMethod(id: unknown): Method<RecipeStep> | undefined {
  return Object.entries<Method<RecipeStep>>(METHODS).find(([known]) => known === id)?.[1];
}

/** The method of a step. A step only ever reaches the method of its own id, which therefore stands here for any step. */
export function methodOf(step: RecipeStep): Method<RecipeStep> {
  return METHODS[step.method];
}
