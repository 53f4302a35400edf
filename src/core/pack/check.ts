import * as z from 'zod/mini';
import { AppError } from '../errors.ts';
import { show } from '../json.ts';
import { isSafePath } from '../safe-path.ts';

/** A text of at least one character. */
export const text = z.string().check(z.minLength(1));

/** A whole number from 0 on. */
export const count = z.int().check(z.minimum(0));

/** A path inside the pack's folder. */
export const path = z.string().check(z.refine(isSafePath, { error: 'a path inside the pack' }));

/** An outside value of a form, with unknown fields dropped; throws `pack-invalid` with the first field that differs. */
export function parseForm<T>(form: z.ZodMiniType<T>, json: unknown, fileName: string): T {
  const result = form.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') ?? '';
  return refusePack(fileName, field, show(valueAt(json, issue?.path ?? [])), issue === undefined ? '' : toRule(issue));
}

/** What an issue asks for, in words; the mini build of zod has none of its own. */
function toRule(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map(show).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_union':
      return 'one of the known kinds';
    default:
      return issue.message;
  }
}

/** Throws `pack-invalid` for a field of a file. */
export function refusePack(fileName: string, field: string, observed: string, allowed: string): never {
  throw new AppError(
    'pack-invalid',
    `${fileName}: ${field || 'the file'} is ${observed}, where the rule is: ${allowed}. Load the pack again.`,
    { file: fileName, field: field.slice(0, 200), observed, allowed },
  );
}

function valueAt(json: unknown, at: readonly PropertyKey[]): unknown {
  return at.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    json,
  );
}
