import { expect, test } from 'vitest';
import { expectAppError } from '../testing/expect-error.ts';
import { toJsonBytes } from '../testing/make-checkpoint.ts';
import { makeRecorded } from '../testing/make-results.ts';
import { makeTimeComparisons } from '../testing/make-timings.ts';
import { parseRecorded } from './parse-recorded.ts';

const FILE = 'recorded/magnitude-mild.json';
const [comparison] = makeTimeComparisons({ compressed: 10, idp: 12 });
const read = (timeComparisons: unknown) =>
  parseRecorded(toJsonBytes({ ...makeRecorded('magnitude-mild'), timeComparisons }), FILE).timeComparisons;

test('recorded comparisons of times are read as they were made; a recording of medians alone has none', () => {
  expect(comparison).toMatchObject({ phase: 'ttftMs', isExploratory: false });
  expect(read([comparison])).toEqual([comparison]);
  expect(read(undefined)).toBeNull();
});

test.each([
  ['a regime that there is not', { first: { key: 'x', exposure: 'held-out' } }, '.first.key'],
  [
    'bounds that are turned round',
    { difference: { value: 0, low: 1, high: 0, method: 'round-bootstrap' } },
    '.difference',
  ],
  ['a p-value above 1', { p: 2 }, '.p'],
])('%s is refused by field', (_, change, field) => {
  const error = expectAppError(() => read([{ ...comparison, ...change }]), 'pack-invalid');
  expect(error.message).toContain(`"timeComparisons.0${field}"`);
});
