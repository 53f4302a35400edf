import { refuseTask } from '../eval/refuse-task.ts';

/** `{{field}}`: all that a template may hold beside plain text. */
const REFERENCE = /\{\{\s*([\p{L}\p{N}_]+)\s*\}\}/gu;

/** A text that may be the name of a field. */
const NAME = /^[\p{L}\p{N}_]+$/u;

/** Longest template; few-shot prompts written out in full have some thousand characters. */
const MAX_TEMPLATE_CHARACTERS = 20_000;

/** Longest filled-in text; a page of a book has 3,000 characters, and models in a page read few thousand tokens. */
const MAX_TEXT_CHARACTERS = 100_000;

/** A document while its templates are filled in. */
export interface TemplateSource {
  /** Where it stands, for messages. */
  place: string;
  fields: Readonly<Record<string, unknown>>;
  /** Names of fields that any document of the task has. */
  fieldNames: ReadonlySet<string>;
}

/** A template out of a task file; throws `task-invalid` for anything of Jinja but `{{field}}`. */
export function checkTemplate(value: unknown, place: string, field: string): string {
  if (typeof value !== 'string' || value.length > MAX_TEMPLATE_CHARACTERS) {
    return refuseTask(place, field, value, `a text of at most ${MAX_TEMPLATE_CHARACTERS} characters`);
  }
  const rest = value.replaceAll(REFERENCE, '');
  return /\{\{|\{%|\{#/.test(rest)
    ? refuseTask(place, field, value, 'a text with {{field}} alone, and no Jinja')
    : value;
}

/** The field whose value a template stands for: its name alone, or `{{field}}` alone; null for other texts. */
export function toFieldName(template: string, { fieldNames }: TemplateSource): string | null {
  if (fieldNames.has(template)) return template;
  const [whole, name] = [...template.matchAll(REFERENCE)][0] ?? [];
  return whole === template && name !== undefined ? name : null;
}

/** The field that a template's text comes from, of several the one with the longest text; null where it names none. */
export function toLongestField(template: string, fields: TemplateSource['fields']): string | null {
  if (Object.hasOwn(fields, template)) return template;
  const names = [...template.matchAll(REFERENCE)].flatMap(([, name = '']) =>
    Object.hasOwn(fields, name) ? [name] : [],
  );
  const lengthOf = (name: string) => String(fields[name]).length;
  return names.reduce<string | null>((longest, name) => {
    return longest === null || lengthOf(name) > lengthOf(longest) ? name : longest;
  }, null);
}

/** A document's own field; throws `task-invalid` where it has none. */
export function toField({ place, fields }: TemplateSource, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : refuseTask(place, name, undefined, 'a value');
}

/**
 * The text of a template for a document: the value of the field that it names, or itself with each `{{field}}` filled in by a text or a
 * whole number. Throws `task-invalid` with line and field. A lone word that is no field is refused: it is a misspelt one.
 */
export function fillTemplate(template: string, source: TemplateSource, key: string): string {
  if (!source.fieldNames.has(template) && NAME.test(template)) {
    refuseTask(source.place, key, template, 'the name of a field, or a text with {{field}}');
  }
  const name = source.fieldNames.has(template) ? template : null;
  const text =
    name === null
      ? template.replaceAll(REFERENCE, (_, reference: string) => toText(source, reference))
      : toText(source, name);
  if (text.length <= MAX_TEXT_CHARACTERS) return text;
  return refuseTask(source.place, key, `${text.length} characters`, `at most ${MAX_TEXT_CHARACTERS} characters`);
}

/** A value as a template shows it; half of a surrogate pair has no bytes, so no model can read it. */
function toText(source: TemplateSource, name: string): string {
  const value = toField(source, name);
  if (Number.isSafeInteger(value)) return String(value);
  if (typeof value === 'string' && !/\p{Surrogate}/u.test(value)) return value;
  return refuseTask(source.place, name, value, 'a text in UTF-8 or a whole number');
}
