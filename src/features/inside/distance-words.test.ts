import { describe, expect, it } from 'vitest';
import { formatDifference, toPath, toPathSentence } from './distance-words.ts';

const around = (value: number, half = 0.01) => ({ value, low: value - half, high: value + half });

describe('the rule of the path', () => {
  it('says back where a repair is nearer to dense and the interval of the difference leaves out 0', () => {
    expect(toPath(around(0.1), 'cosine', false)).toBe('back');
    expect(toPath(around(-0.2), 'relativeError', false)).toBe('back');
  });

  it('says around where it is farther and the interval leaves out 0', () => {
    expect(toPath(around(-0.1), 'cosine', false)).toBe('around');
    expect(toPath(around(0.2), 'relativeError', false)).toBe('around');
  });

  it('decides nothing while the interval holds 0, its ends with it', () => {
    expect(toPath(around(0.005), 'cosine', false)).toBe('undecided');
    expect(toPath({ value: 0.1, low: 0, high: 0.2 }, 'cosine', false)).toBe('undecided');
  });

  it('tells nothing before all questions that were set are asked', () => {
    expect(toPath(around(0.1), 'cosine', true)).toBe('early');
  });

  it('compares nothing where the difference is missing or no number', () => {
    expect(toPath(null, 'cosine', false)).toBe('not-compared');
    expect(toPath(around(Number.NaN), 'cosine', true)).toBe('not-compared');
  });
});

it('names those that are too early first in a sentence of their own, begun in upper case', () => {
  const early = { path: 'early', difference: around(0.1) } as const;
  expect(toPathSentence([{ key: 'idp', ...early }])).toMatch(/^Too early to tell of IDP: /);
});

it('never prints a bound that leaves out 0 as 0', () => {
  expect([-0.00042, 0.00000012, -0.0814, 0].map(formatDifference)).toEqual(['−0.00042', '+1.2e-7', '−0.081', '0.000']);
  expect(formatDifference(Number.NaN)).toBe('–');
});
