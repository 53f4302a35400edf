import { describe, expect, it } from 'vitest';
import { keepPer } from './keep-per.ts';

describe('what is kept per object', () => {
  it('is computed once for the same object and arguments, and apart for others', () => {
    const computed: string[] = [];
    const describeSet = keepPer((of: { name: string }, key: string, isShuffled: boolean) => {
      computed.push(`${of.name} ${key} ${isShuffled}`);
      return { text: computed.length };
    });
    const [one, other] = [{ name: 'one' }, { name: 'other' }];
    const first = describeSet(one, 'idp', false);
    expect(describeSet(one, 'idp', false)).toBe(first);
    for (const value of [
      describeSet(one, 'idp', true),
      describeSet(one, 'prompt', false),
      describeSet(other, 'idp', false),
    ]) {
      expect(value).not.toBe(first);
    }
    expect(describeSet(one, 'idp', false)).toBe(first);
    expect(computed).toEqual(['one idp false', 'one idp true', 'one prompt false', 'other idp false']);
  });

  it('is kept too where it is undefined', () => {
    let count = 0;
    const countCall = keepPer((_: object) => {
      count += 1;
      return undefined;
    });
    const of = {};
    countCall(of);
    countCall(of);
    expect(count).toBe(1);
  });
});
