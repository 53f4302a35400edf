import { AppError } from '../errors.ts';
import { show } from '../json.ts';

/** Throws `task-invalid`: a field of a task file, what stands there, and what must. */
export function refuseTask(place: string, field: string, value: unknown, allowed: string): never {
  throw new AppError(
    'task-invalid',
    `In ${place}, ${field} is ${show(value)}, where ${allowed} must stand. Correct the file; if it is the pack’s, load the pack again.`,
    { place, field, observed: show(value), allowed },
  );
}

/** A field's value, which must be a text that is not blank. */
export function expectText(value: unknown, place: string, field: string): string {
  return typeof value === 'string' && value.trim() !== '' ? value : refuseTask(place, field, value, 'a text');
}
