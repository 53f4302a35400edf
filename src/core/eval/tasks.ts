import { AppError } from '../errors.ts';
import { isObject, parseJson, quote } from '../json.ts';
import type { Fact, Relation } from './fact.ts';
import { type JsonLine, parseJsonLines } from './json-lines.ts';
import { expectText, refuseTask } from './refuse-task.ts';

/** Most forms of a relation; the shipped task has 11, and every form is a column of the fact table. */
const MAX_FORMS = 64;

/** Most facts of a task; each is scored in several forms and regimes, and the page holds all of them. */
const MAX_FACTS = 100_000;

const FOLDS = ['A', 'B', 'calibration', 'control'] as const;

/** A task of a pack: its relations and facts. */
export interface Task {
  id: string;
  /** `metadata.version`, as lm-evaluation-harness counts it. */
  version: number;
  relations: ReadonlyMap<string, Relation>;
  facts: readonly Fact[];
}

/**
 * The task out of the bytes of its `<task>.json` and `<task>.jsonl`; throws `task-invalid` with file, line and field.
 * Ids are unique, every fact's relation exists, and forms that it was taught in are the relation's own.
 */
export function parseTask(config: Uint8Array, documents: Uint8Array): Task {
  const json = parseJson(config, 'the task', 'task-invalid');
  if (!isObject(json)) return refuseTask('the task', 'task', json, 'an object');
  const metadata = isObject(json.metadata) ? json.metadata : {};
  const relations = parseRelations(json.relations);
  return {
    id: expectText(json.task, 'the task', 'task'),
    version: typeof metadata.version === 'number' ? metadata.version : 0,
    relations,
    facts: parseFacts(documents, relations),
  };
}

/** Number of forms of a relation: statements first, then questions. */
export function countForms({ statements, questions }: Relation): number {
  return statements.length + questions.length;
}

/** Whether form `form` of a relation is a question. */
export function isQuestion(relation: Relation, form: number): boolean {
  return form >= relation.statements.length;
}

/** What the model reads before it answers form `form` of a fact, begin token excluded. */
export function toContext(fact: Fact, relation: Relation, form: number): string {
  const { statements, questions } = relation;
  const template = statements[form] ?? questions[form - statements.length];
  if (template === undefined) {
    throw new AppError('input-invalid', `Relation ${quote(relation.id)} has no form ${form}.`, {
      field: 'form',
      observed: form,
      allowed: countForms(relation) - 1,
    });
  }
  const sentence = fillForm(template, fact.subject);
  return isQuestion(relation, form) ? toQuestionContext(sentence) : sentence;
}

/** A form with the subject in its place, its first letter large. */
export function fillForm(template: string, subject: string): string {
  const filled = template.replaceAll('{s}', () => subject);
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}

/** What the model reads before it answers a question, begin token excluded. */
export function toQuestionContext(question: string): string {
  return `Question: ${question.trim()}\nAnswer:`;
}

/** What must come after the context, before the end token. */
export function toTarget(answer: string): string {
  return ` ${answer}`;
}

function parseRelations(json: unknown): ReadonlyMap<string, Relation> {
  const place = 'the task';
  if (!Array.isArray(json) || json.length === 0) return refuseTask(place, 'relations', json, 'a list of relations');
  const relations = new Map<string, Relation>();
  for (const [i, item] of json.entries()) {
    const field = `relations[${i}]`;
    if (!isObject(item)) return refuseTask(place, field, item, 'an object');
    const id = expectText(item.id, place, `${field}.id`);
    if (relations.has(id)) refuseTask(place, `${field}.id`, id, 'an id of its own');
    const relation: Relation = {
      id,
      domain: expectText(item.domain, place, `${field}.domain`),
      label: expectText(item.label, place, `${field}.label`),
      statements: templates(item.statements, `${field}.statements`),
      questions: templates(item.questions, `${field}.questions`),
    };
    if (countForms(relation) < 1) refuseTask(place, field, 0, '1 form or more');
    relations.set(id, relation);
  }
  return relations;
}

function templates(json: unknown, field: string): readonly string[] {
  if (!Array.isArray(json) || json.length > MAX_FORMS) {
    return refuseTask('the task', field, json, `a list of at most ${MAX_FORMS} forms`);
  }
  return json.map((form, i) => {
    const template = expectText(form, 'the task', `${field}[${i}]`);
    return template.includes('{s}')
      ? template
      : refuseTask('the task', `${field}[${i}]`, form, 'a text with {s} for the subject');
  });
}

function parseFacts(documents: Uint8Array, relations: ReadonlyMap<string, Relation>): readonly Fact[] {
  const ids = new Set<string>();
  return parseJsonLines(documents, 'the facts', MAX_FACTS).map((line) => {
    const fact = parseFact(line, relations);
    if (ids.has(fact.id)) refuseTask(line.place, 'id', fact.id, 'an id of its own');
    ids.add(fact.id);
    return fact;
  });
}

function parseFact({ place, value: json }: JsonLine, relations: ReadonlyMap<string, Relation>): Fact {
  const relation = relations.get(expectText(json.relation, place, 'relation'));
  if (relation === undefined) return refuseTask(place, 'relation', json.relation, 'a relation of the task');
  const fold = FOLDS.find((name) => name === json.fold);
  if (fold === undefined) return refuseTask(place, 'fold', json.fold, FOLDS.join(' or '));
  if (typeof json.dev !== 'boolean') return refuseTask(place, 'dev', json.dev, 'true or false');
  const { taught } = json;
  const forms = countForms(relation);
  if (!Array.isArray(taught) || !taught.every((form) => Number.isInteger(form) && form >= 0 && form < forms)) {
    return refuseTask(place, 'taught', taught, `form numbers from 0 to ${forms - 1}`);
  }
  return {
    id: expectText(json.id, place, 'id'),
    relation: relation.id,
    domain: expectText(json.domain, place, 'domain'),
    subject: expectText(json.subject, place, 'subject'),
    answer: expectText(json.answer, place, 'answer'),
    fold,
    dev: json.dev,
    taught,
  };
}
