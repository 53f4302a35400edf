import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AutoTokenizer, env } from '@huggingface/transformers';
import { describe, expect, test } from 'vitest';
import { countForms, parseTask, toContext, toTarget } from '../core/eval/tasks.ts';
import { createTokenizer } from './tokenizer.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => new Uint8Array(readFileSync(new URL(path, root)));
const readJson = (path: string) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

const pack = 'public/packs/atlas';
const tokenizerBytes = read(`${pack}/checkpoint/tokenizer.json`);
const configBytes = read(`${pack}/checkpoint/tokenizer_config.json`);
const tokenizer = createTokenizer(tokenizerBytes, configBytes);

const cases: { text: string; ids: number[] }[] = readJson('src/testing/fixtures/tokenizer-cases.json');

/** Between two lists of ids in the hashed stream. */
const SEPARATOR = 0xffff;

describe('token ids equal those of the trainer', () => {
  test('on lines of the corpus and on hostile text', () => {
    expect(cases.length).toBeGreaterThan(200);
    for (const { text, ids } of cases) expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
  });

  test('transformers.js opens the same folder and agrees on lines of the corpus', async () => {
    env.allowRemoteModels = false;
    env.localModelPath = fileURLToPath(new URL(`${pack}/`, root));
    const peer = await AutoTokenizer.from_pretrained('checkpoint');
    // It reads special tokens out of typed text and decodes ill-formed text its own way; ordinary lines are common ground.
    const ordinary = cases.filter(({ text }) => /^[ -~]+$/.test(text) && !text.includes('<|'));
    expect(ordinary.length).toBeGreaterThan(100);
    for (const { text, ids } of ordinary) expect(peer.encode(text, { add_special_tokens: false }), text).toEqual(ids);
  });

  test('on every form of every fact', () => {
    const { relations, facts } = parseTask(read(`${pack}/tasks/atlas.json`), read(`${pack}/tasks/atlas.jsonl`));
    const hash = createHash('sha256');
    let count = 0;
    const add = (text: string) => {
      hash.update(Uint16Array.from([...tokenizer.encode(text), SEPARATOR]));
      count += 1;
    };
    for (const fact of facts) {
      const relation = relations.get(fact.relation);
      if (!relation) throw new Error(`no relation ${fact.relation}`);
      for (let form = 0; form < countForms(relation); form++) {
        add(toContext(fact, relation, form));
        add(toTarget(fact.answer));
      }
    }
    const expected = readJson('src/testing/fixtures/tokenizer-corpus.json');
    expect(count).toBe(expected.count);
    expect(hash.digest('hex')).toBe(expected.sha256);
  });
});

test('any typed text comes back as it was, and special tokens cannot be typed', () => {
  for (const { text, ids } of cases) expect(tokenizer.decode(ids)).toBe(text);
  expect(tokenizer.encode('<|end|>')).not.toContain(1);
});

test('special tokens are left out of decoded text', () => {
  expect(tokenizer.decode([0, ...tokenizer.encode(' Paris'), 1])).toBe(' Paris');
  expect(tokenizer.decode([1])).toBe('');
});

describe('a bad tokenizer file is refused, and says so', () => {
  const text = (value: string) => new TextEncoder().encode(value);
  test.each([
    ['no JSON', text('{"model":'), configBytes],
    ['a web page', text('<!doctype html><html></html>'), configBytes],
    ['no model', text('{}'), configBytes],
    ['an unknown model type', text('{"model":{"type":"Oracle","vocab":{}}}'), configBytes],
    ['a config that is a list', tokenizerBytes, text('[]')],
  ])('%s', (_, bytes, config) => {
    expect(() => createTokenizer(bytes, config)).toThrow(expect.objectContaining({ code: 'tokenizer-invalid' }));
  });
});
