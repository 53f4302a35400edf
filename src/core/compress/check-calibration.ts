import { METHODS } from './methods.ts';
import type { Recipe } from './recipe.ts';
import { refuseRecipe } from './step-fields.ts';

/** Whether a recipe has a step that looks at calibration sentences. */
export function isCalibrated({ steps }: Recipe): boolean {
  return steps.some((step) => 'calibration' in step);
}

/** Refuses steps that ask for more calibration sentences than the `available` ones; throws `recipe-invalid` with step, field, value and rule. */
export function checkCalibration({ steps }: Recipe, available: number): void {
  for (const [index, step] of steps.entries()) {
    if (!('calibration' in step)) continue;
    if (available === 0) refuseRecipe(index, 'method', step.method, `${WITHOUT_SENTENCES} (this model has none),`);
    const { samples } = step.calibration;
    const allowed = `a whole number from 1 to ${available}, the calibration sentences that there are,`;
    if (samples > available) refuseRecipe(index, 'calibration.samples', samples, allowed);
  }
}

const WITHOUT_SENTENCES = `${Object.entries(METHODS)
  .filter(([, { kind }]) => kind === 'weights')
  .map(([id]) => id)
  .join(' or ')}, which need no calibration sentences`;
