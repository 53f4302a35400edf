import { AppError } from '../errors.ts';
import { isObject, show } from '../json.ts';

/** Most module names in one list; a model of 512 layers has 3,584 matrices. */
const MAX_NAMES = 4096;

/** Typed access to the fields of a recipe step that came from outside; every refusal names step, field, value and rule. */
export interface StepFields {
  /** A number from `least` to `most`; NaN, infinity and minus zero are refused. */
  number(field: string, least: number, most: number): number;
  /** A whole number from `least` to `most`. */
  whole(field: string, least: number, most: number): number;
  /** One of a few values. */
  oneOf<T extends string | number | boolean>(field: string, allowed: readonly T[]): T;
  /** A list of module names; undefined where the field is absent. */
  names(field: string): readonly string[] | undefined;
  /** One of a few values by module name; undefined where the field is absent. */
  byModule<T extends number>(field: string, allowed: readonly T[]): Readonly<Record<string, T>> | undefined;
  /** A number from `least` to `most` by module name; undefined where the field is absent. */
  numberByModule(field: string, least: number, most: number): Readonly<Record<string, number>> | undefined;
  /** The fields of a field that is an object. */
  object(field: string): StepFields;
  has(field: string): boolean;
  /** Refuses fields that were not asked for by now: what nothing reads would be left out without a word. */
  refuseOthers(): void;
  /** Refuses a field for what stands beside it. */
  refuse(field: string, allowed: string): never;
}

/** The fields of step `index` (from 0) of a recipe; `path` stands before their names where they lie deeper. */
export function stepFields(step: Readonly<Record<string, unknown>>, index: number, path = ''): StepFields {
  const asked = new Set<string>();
  const inner: StepFields[] = [];
  const read = (field: string): unknown => {
    asked.add(field);
    return step[field];
  };
  const refuse = (field: string, value: unknown, allowed: string): never =>
    refuseRecipe(index, `${path}${field}`, value, allowed);
  const toNumber = (field: string, value: unknown, least: number, most: number): number => {
    const isWithin = typeof value === 'number' && value >= least && value <= most && !Object.is(value, -0);
    return isWithin ? value : refuse(field, value, `a number from ${least} to ${most}`);
  };
  const toOneOf = <T>(field: string, value: unknown, allowed: readonly T[]): T => {
    const found = allowed.find((candidate) => Object.is(candidate, value));
    return found ?? refuse(field, value, allowed.join(' or '));
  };
  const toRecord = <T>(field: string, parse: (name: string, item: unknown) => T): Record<string, T> | undefined => {
    const value = read(field);
    if (value === undefined) return undefined;
    if (!isObject(value) || Object.keys(value).length > MAX_NAMES) return refuse(field, value, 'values by module name');
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, parse(`${field}.${name}`, item)]));
  };
  return {
    has: (field) => read(field) !== undefined,
    refuse: (field, allowed) => refuse(field, step[field], allowed),
    refuseOthers: () => {
      for (const [field, value] of Object.entries(step)) {
        if (value !== undefined && !asked.has(field)) refuse(field, value, `no field but ${[...asked].join(', ')}`);
      }
      for (const fields of inner) fields.refuseOthers();
    },
    number: (field, least, most) => toNumber(field, read(field), least, most),
    whole: (field, least, most) => {
      const value = toNumber(field, read(field), least, most);
      return Number.isInteger(value) ? value : refuse(field, value, `a whole number from ${least} to ${most}`);
    },
    oneOf: (field, allowed) => toOneOf(field, read(field), allowed),
    names: (field) => {
      const value = read(field);
      if (value === undefined) return undefined;
      if (!Array.isArray(value) || value.length > MAX_NAMES || !value.every((name) => typeof name === 'string')) {
        return refuse(field, value, 'a list of module names');
      }
      return value;
    },
    byModule: (field, allowed) => toRecord(field, (name, item) => toOneOf(name, item, allowed)),
    numberByModule: (field, least, most) => toRecord(field, (name, item) => toNumber(name, item, least, most)),
    object: (field) => {
      const value = read(field);
      if (!isObject(value)) return refuse(field, value, 'an object');
      const fields = stepFields(value, index, `${path}${field}.`);
      inner.push(fields);
      return fields;
    },
  };
}

/** Throws `recipe-invalid` for a field of step `index` (from 0). */
export function refuseRecipe(index: number, field: string, value: unknown, allowed: string): never {
  throw new AppError(
    'recipe-invalid',
    `Step ${index + 1} of the recipe: ${field.slice(0, 200)} is ${show(value)}, where ${allowed} must stand.`,
    { step: index + 1, field: field.slice(0, 200), observed: show(value), allowed },
  );
}
