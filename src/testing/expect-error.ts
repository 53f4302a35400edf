import { expect } from 'vitest';
import { AppError, type ErrorCode } from '../core/errors.ts';

/** The `AppError` that a function throws; fails where it throws another code, no sentence, or nothing. */
export function expectAppError(action: () => unknown, code: ErrorCode): AppError {
  let thrown: unknown = null;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'it must throw').toBeInstanceOf(AppError);
  const error = thrown as AppError;
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/\.$/);
  return error;
}
