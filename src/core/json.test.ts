import { describe, expect, it } from 'vitest';
import { expectAppError } from '../testing/expect-error.ts';
import { parseJson, quote, recognizeText, show } from './json.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const rejects = (file: Uint8Array) =>
  expectAppError(() => parseJson(file, 'config.json', 'checkpoint-invalid'), 'checkpoint-invalid');

describe('parseJson', () => {
  it('gives the value of sound JSON, with or without a byte order mark', () => {
    expect(parseJson(bytes('{"a":[1]}'), 'x', 'internal')).toEqual({ a: [1] });
    expect(parseJson(bytes('\uFEFF{}'), 'x', 'internal')).toEqual({});
  });

  it('names the file and what stands in it instead', () => {
    expect(rejects(bytes('{')).message).toBe(
      '"config.json" holds no valid JSON. Fetch or choose the original file again.',
    );
    expect(rejects(bytes('<!DOCTYPE html>')).message).toContain('a web page');
    expect(rejects(bytes('version https://git-lfs.github.com/spec/v1')).message).toContain('a Git LFS pointer');
    rejects(Uint8Array.of(0x22, 0xff, 0x22));
    rejects(new Uint8Array());
  });

  it('refuses a file that is too large before it is parsed', () => {
    const { details } = rejects(new Uint8Array(32 * 1024 * 1024 + 1));
    expect(details).toMatchObject({ observed: 33_554_433, allowed: 33_554_432 });
  });
});

describe('show', () => {
  it.each([
    [1.5, '1.5'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'nothing'],
    ['a"b', '"a\\"b"'],
    [{ a: 1 }, 'an object'],
    [[1, 'a', null, [2], {}], '[1, "a", null, […], an object]'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], '[1, 2, 3, 4, 5, 6, 7, 8, …]'],
  ])('says %j in a few words', (value, words) => {
    expect(show(value)).toBe(words);
  });

  it('does not follow nesting without end', () => {
    let nested: unknown = [];
    for (let i = 0; i < 200_000; i++) nested = [nested];
    expect(show(nested)).toBe('[[…]]');
  });
});

it('quotes at most 80 characters of a text', () => {
  expect(quote('a'.repeat(1000))).toHaveLength(83);
});

it('recognizes neither JSON nor noise as a page', () => {
  expect(recognizeText(bytes('{"a":1}'))).toBeNull();
  expect(recognizeText(Uint8Array.of(0xff, 0xfe, 0))).toBeNull();
});
