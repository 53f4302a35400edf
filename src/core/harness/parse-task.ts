import { type JsonLine, parseJsonLines } from '../eval/json-lines.ts';
import { refuseTask } from '../eval/refuse-task.ts';
import { checkChoices } from './parse-config.ts';
import type { HarnessTask, TaskConfig, TaskDocument } from './task.ts';
import { fillTemplate, type TemplateSource, toField, toFieldName } from './template.ts';

/** Most documents of a task: each is scored in every regime, and the harness's largest sets have about ten thousand. */
export const MAX_DOCUMENTS = 20_000;

/** How deep a document may be: data sets nest lists in objects, and what is deeper would end the stack where it is written out. */
const MAX_DEPTH = 8;

/** A task and its documents out of the bytes of a JSONL file; throws `task-invalid` with file, line and field. */
export function parseHarnessTask(config: TaskConfig, documents: Uint8Array, fileName: string): HarnessTask {
  return toHarnessTask(config, parseJsonLines(documents, fileName, MAX_DOCUMENTS));
}

/** The same out of lines that were parsed. */
export function toHarnessTask(config: TaskConfig, lines: readonly JsonLine[]): HarnessTask {
  const fieldNames = new Set(lines.flatMap(({ value }) => Object.keys(value)));
  const ids = new Set<string>();
  const documents = lines.map((line, i) => {
    checkDepth(line);
    const document = toDocument(config, { place: line.place, fields: line.value, fieldNames }, String(i));
    if (ids.has(document.id)) refuseTask(line.place, 'id', document.id, 'an id of its own');
    ids.add(document.id);
    return document;
  });
  return { config, documents };
}

function toDocument(config: TaskConfig, source: TemplateSource, number: string): TaskDocument {
  const { fields } = source;
  const id = toLabel(fields.id) ?? number;
  const isRolling = config.outputType === 'loglikelihood_rolling';
  const answers =
    config.outputType === 'multiple_choice' ? toChoiceAnswers(config, source) : toOneAnswer(config, source);
  return {
    place: source.place,
    id,
    subject: (Array.isArray(fields.subjects) ? toLabel(fields.subjects.at(-1)) : toLabel(fields.subject)) ?? id,
    domain: toLabel(fields.domain),
    relation: toLabel(fields.relation),
    fold: toLabel(fields.fold),
    taught: typeof fields.taught === 'boolean' ? fields.taught : null,
    context: isRolling ? '' : fillTemplate(config.docToText, source, 'doc_to_text'),
    ...answers,
    fields,
  };
}

type Answers = Pick<TaskDocument, 'choices' | 'gold' | 'target'>;

function toOneAnswer({ docToTarget }: TaskConfig, source: TemplateSource): Answers {
  const target = fillTemplate(String(docToTarget), source, 'doc_to_target');
  if (target === '') return refuseTarget(docToTarget, source, target, 'a text that is not empty');
  return { choices: [target], gold: 0, target };
}

function toChoiceAnswers({ docToChoice, docToTarget }: TaskConfig, source: TemplateSource): Answers {
  const choices = typeof docToChoice === 'string' ? toChoices(docToChoice, source) : (docToChoice ?? []);
  const target = toTarget(docToTarget, source);
  const gold = typeof target === 'number' ? target : choices.indexOf(target);
  if (gold < 0 || gold >= choices.length) {
    const allowed = `an index from 0 to ${choices.length - 1}, or one of the choices`;
    return refuseTarget(docToTarget, source, target, allowed);
  }
  return { choices, gold, target: String(target) };
}

/** Names the document's own field where the target is one: whoever wrote documents alone never saw `doc_to_target`. */
function refuseTarget(docToTarget: string | number, source: TemplateSource, target: unknown, allowed: string): never {
  const field = typeof docToTarget === 'string' ? toFieldName(docToTarget, source) : null;
  return refuseTask(source.place, field ?? 'doc_to_target', target, allowed);
}

function toChoices(template: string, source: TemplateSource): readonly string[] {
  const name = toFieldName(template, source);
  if (name === null) return refuseTask(source.place, 'doc_to_choice', template, 'the name of a field with choices');
  return checkChoices(toField(source, name), source.place, name);
}

/** An index, or a text among the choices; of a field its own kind counts, and digits that a template yields are an index, as in the harness. */
function toTarget(template: string | number, source: TemplateSource): number | string {
  if (typeof template === 'number') return template;
  const value = source.fieldNames.has(template) ? toField(source, template) : null;
  if (typeof value === 'number') {
    return Number.isInteger(value) ? value : refuseTask(source.place, template, value, 'a whole number');
  }
  const text = fillTemplate(template, source, 'doc_to_target');
  return value === null && /^\d{1,3}$/.test(text) ? Number(text) : text;
}

/** A short text or whole number that names something; null for anything else. */
function toLabel(value: unknown): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : null;
}

function checkDepth({ place, value }: JsonLine): void {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      refuseTask(place, 'document', `deeper than ${MAX_DEPTH}`, `at most ${MAX_DEPTH} lists or objects in one another`);
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
}
