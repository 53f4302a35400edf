import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';

/** Ends with what is wrong in which file and field, and what to do. */
export function refuseRun(fileName: string, field: string, problem: string): never {
  throw new AppError(
    'input-invalid',
    `${quote(fileName)} cannot be read as a run: ${quote(field)} is ${problem}. Choose a file as this page saved it.`,
    { file: fileName, field, observed: problem },
  );
}
