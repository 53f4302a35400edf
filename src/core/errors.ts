/** Every error that reaches a person has one of these codes; a message says what happened, observed against allowed, and what to do. */
export type ErrorCode =
  | 'safetensors-invalid'
  | 'checkpoint-invalid'
  | 'tokenizer-invalid'
  | 'recipe-invalid'
  | 'repair-invalid'
  | 'pack-invalid'
  | 'task-invalid'
  | 'download-failed'
  | 'hash-mismatch'
  | 'graph-invalid'
  | 'session-failed'
  | 'run-failed'
  | 'golden-mismatch'
  | 'no-webgpu'
  | 'device-lost'
  | 'limit-exceeded'
  | 'worker-failed'
  | 'worker-timeout'
  | 'input-invalid'
  | 'stopped'
  | 'internal';

/** Facts behind an error, plain and cloneable: field, observed, allowed, the raw runtime text. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>;

/** The one error class of the project. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
  }
}

/** An `AppError` as it crosses the worker boundary; `structuredClone` would drop class and code. */
export interface WireError {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
}

/** Any thrown value as a `WireError`; what is not an `AppError` becomes `internal` with its text in the details. */
export function toWireError(error: unknown): WireError {
  if (error instanceof AppError) return { code: error.code, message: error.message, details: error.details };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'internal',
    message: 'Something failed inside Recall Lab that should not have.',
    details: { raw: text },
  };
}

/** The `AppError` that a `WireError` stands for. */
export function toAppError(wire: WireError): AppError {
  return new AppError(wire.code, wire.message, wire.details);
}
