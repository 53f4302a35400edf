import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { toTaskConfig } from './parse-config.ts';
import { parseHarnessTask } from './parse-task.ts';
import { toPrompt } from './task.ts';

const config = {
  task: 't',
  output_type: 'multiple_choice',
  doc_to_text: 'context',
  doc_to_choice: 'choices',
  doc_to_target: 'label',
};
const document = {
  id: 'a',
  context: 'The capital of France is',
  choices: ['Rome', 'Paris'],
  label: 1,
  subjects: ['x', 'France'],
};

const toBytes = (documents: readonly unknown[]) =>
  new TextEncoder().encode(documents.map((value) => `${JSON.stringify(value)}\n`).join(''));
const parse = (overrides: Record<string, unknown>, ...documents: unknown[]) =>
  parseHarnessTask(toTaskConfig({ ...config, ...overrides }, 't.json'), toBytes(documents), 't.jsonl');
const rejects = (overrides: Record<string, unknown>, ...documents: unknown[]) =>
  expectAppError(() => parse(overrides, ...documents), 'task-invalid').message;
const one = (overrides: Record<string, unknown>, value: unknown) => parse(overrides, value).documents[0];

describe('documents', () => {
  it('have their templates filled in', () => {
    expect(one({}, { ...document, fold: 'A', relation: 'capital', domain: 'countries', taught: true })).toMatchObject({
      id: 'a',
      subject: 'France',
      fold: 'A',
      relation: 'capital',
      domain: 'countries',
      taught: true,
      context: 'The capital of France is',
      choices: ['Rome', 'Paris'],
      gold: 1,
      target: '1',
    });
  });

  it('are numbered, and units of their own, where they name neither', () => {
    const bare = { context: 'c', choices: ['a', 'b'], label: 0 };
    expect(parse({}, bare, { ...bare, fold: 3, subjects: [] }).documents).toMatchObject([
      { id: '0', subject: '0', fold: null, taught: null },
      { id: '1', subject: '1', fold: '3' },
    ]);
  });

  it('fill each {{field}} of a text by texts and whole numbers, whatever signs these hold', () => {
    const value = { ...document, context: '$& {{label}}' };
    expect(one({ doc_to_text: '{{context}} {{ label }}.' }, value)?.context).toBe('$& {{label}} 1.');
    expect(one({ doc_to_text: 'Say it:' }, document)?.context).toBe('Say it:');
    expect(one({ doc_to_text: '' }, document)?.context).toBe('');
  });

  it('give the right choice by index, by text, or by digits that a template yields', () => {
    expect(one({}, { ...document, label: 'Paris' })).toMatchObject({ gold: 1, target: 'Paris' });
    expect(one({ doc_to_target: '{{label}}' }, document)?.gold).toBe(1);
    expect(one({ doc_to_target: 0 }, document)).toMatchObject({ gold: 0, target: '0' });
    const numbers = { ...document, choices: ['2', '1'], label: '1' };
    expect(one({}, numbers)).toMatchObject({ gold: 1, target: '1' });
    expect(one({ doc_to_choice: '{{choices}}' }, numbers)?.choices).toEqual(['2', '1']);
    expect(one({ doc_to_choice: ['no', 'yes'] }, document)?.choices).toEqual(['no', 'yes']);
  });

  it('are continued by delimiter and choice or written answer, and by a target or as a whole without one', () => {
    const task = parse({}, document);
    expect(task.documents.map((value) => toPrompt(task, value).continuations)).toEqual([[' Rome', ' Paris']]);
    const continuations = (output_type: string) => {
      const other = parse({ output_type, doc_to_target: 'context', doc_to_text: '' }, document);
      return other.documents.map((value) => toPrompt(other, value).continuations);
    };
    expect(continuations('generate_until')).toEqual([[` ${document.context}`]]);
    expect(continuations('loglikelihood')).toEqual([[document.context]]);
    const rolling = parse({ output_type: 'loglikelihood_rolling', doc_to_target: 'context' }, document);
    expect(rolling.documents[0]).toMatchObject({ context: '', choices: [document.context] });
    expect(rolling.documents.map((value) => toPrompt(rolling, value).continuations)).toEqual([[document.context]]);
  });

  it('may end in a line end of Windows, and lines between them may be blank', () => {
    const text = `\ufeff${JSON.stringify(document)}\r\n\r\n${JSON.stringify({ ...document, id: 'b' })}`;
    const bytes = new TextEncoder().encode(text);
    expect(parseHarnessTask(toTaskConfig(config, 't'), bytes, 't.jsonl').documents).toHaveLength(2);
  });
});

describe('a document is refused, with its line and field,', () => {
  it.each([
    ['context', 5.5],
    ['context', null],
    ['context', ['a']],
    ['context', 'half \ud83d'],
    ['choices', 'Paris'],
    ['choices', ['Paris']],
    ['choices', ['Paris', '']],
    ['choices', ['Paris', 3]],
    ['choices', ['Paris', '\udc00']],
    ['label', 0.5],
    ['id', 'a'],
  ])('where its %s is %j', (field, value) => {
    const other = { ...document, id: 'b', [field]: value };
    const message = rejects({}, document, other);
    expect(message).toContain('line 2 of t.jsonl');
    expect(message).toContain(field);
  });

  it.each([2, -1, 1e308, 'Berlin', '__proto__'])('where it calls the choice %j right', (label) => {
    expect(rejects({}, { ...document, label })).toContain(', label is ');
  });

  it.each(['context', 'choices', 'label'])('where it has no %s but others do', (field) => {
    const { [field]: _, ...rest } = { ...document, id: 'b' } as Record<string, unknown>;
    expect(rejects({}, document, rest)).toContain(field);
  });

  it('where a template names what no document has, alone or in a text', () => {
    expect(rejects({ doc_to_text: 'contxt' }, document)).toContain('contxt');
    expect(rejects({ doc_to_text: '{{contxt}}' }, document)).toContain('contxt');
    expect(rejects({ doc_to_text: '{{toString}}' }, document)).toContain('toString');
    expect(rejects({ doc_to_choice: '{{choices}} and more' }, document)).toContain('doc_to_choice');
  });

  it('where a text or a list is too long', () => {
    expect(rejects({}, { ...document, context: 'a'.repeat(100_001) })).toContain('100001 characters');
    expect(rejects({}, { ...document, choices: new Array(65).fill('a') })).toContain('2 to 64 texts');
    expect(one({}, { ...document, context: 'a'.repeat(100_000) })?.context).toHaveLength(100_000);
  });

  it('where its target is empty', () => {
    const overrides = { output_type: 'loglikelihood', doc_to_target: 'context' };
    expect(rejects(overrides, { ...document, context: '' })).toContain(', context is ');
  });

  it('where it is deeper than it could be written out again', () => {
    const deep = `{"id":"a","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const read = () => parseHarnessTask(toTaskConfig(config, 't'), new TextEncoder().encode(deep), 't.jsonl');
    expect(expectAppError(read, 'task-invalid').message).toContain('line 1');
    expect(one({}, { ...document, nested: { choices: { text: ['a'] } } })?.id).toBe('a');
  });
});

describe('a file of documents is refused', () => {
  it.each([
    '',
    '\n\n',
    '[]',
    '5',
    '{',
    '<!doctype html>',
    'version https://git-lfs.github.com/spec/v1',
    'PK\u0003\u0004',
  ])('where it holds %j', (text) => {
    const read = () => parseHarnessTask(toTaskConfig(config, 't'), new TextEncoder().encode(text), 't.jsonl');
    expect(expectAppError(read, 'task-invalid').message).toContain('t.jsonl');
  });

  it('where it is no UTF-8, too long, or has too many lines', () => {
    const read = (bytes: Uint8Array) => () => parseHarnessTask(toTaskConfig(config, 't'), bytes, 't.jsonl');
    expectAppError(read(Uint8Array.of(0x7b, 0xff, 0x7d)), 'task-invalid');
    expectAppError(read(new Uint8Array(32 * 1024 * 1024 + 1)), 'task-invalid');
    const line = new TextEncoder().encode('{}\n'.repeat(20_001));
    expect(expectAppError(read(line), 'task-invalid').message).toContain('20000');
  });

  it('but not where a document has fields that are names of every object', () => {
    const bytes = new TextEncoder().encode('{"__proto__":{"label":9},"context":"c","choices":["a","b"],"label":1}');
    expect(parseHarnessTask(toTaskConfig(config, 't'), bytes, 't').documents[0]?.gold).toBe(1);
  });
});
