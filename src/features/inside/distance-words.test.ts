import { describe, expect, it } from 'vitest';
import { toPath } from './distance-words.ts';

const around = (value: number, half = 0.01) => ({ value, low: value - half, high: value + half });

describe('the rule of the path', () => {
  it('says back where a repair is nearer to dense than the compressed model, apart from it', () => {
    expect(toPath(around(0.9), around(0.8), 'cosine')).toBe('back');
    expect(toPath(around(0.2), around(0.4), 'relativeError')).toBe('back');
  });

  it('says around where it is farther, apart from it', () => {
    expect(toPath(around(0.7), around(0.8), 'cosine')).toBe('around');
    expect(toPath(around(0.6), around(0.4), 'relativeError')).toBe('around');
  });

  it('decides nothing while the intervals touch', () => {
    expect(toPath({ value: 0.9, low: 0.8, high: 1 }, { value: 0.7, low: 0.6, high: 0.8 }, 'cosine')).toBe('undecided');
  });

  it('compares nothing where a value is missing or no number', () => {
    expect(toPath(null, around(0.8), 'cosine')).toBe('not-compared');
    expect(toPath(around(0.8), null, 'cosine')).toBe('not-compared');
    expect(toPath(around(Number.NaN), around(0.8), 'cosine')).toBe('not-compared');
  });
});
