import { expect, test } from 'vitest';
import { makeRow } from '../../testing/make-results.ts';
import { toTransferText } from './captions.ts';
import { toAccuracyTable, toLatencyTable } from './tables.ts';

const own = makeRow('prompt');
const transferred = { ...makeRow('idp'), isTransferred: true };

test('a repair that was trained for another recipe is called transferred in caption and tables', () => {
  expect(toTransferText([own, transferred])).toContain('IDP');
  expect(toTransferText([own])).toBe('');
  expect(toAccuracyTable([transferred])[0]?.cells[0]).toBe('IDP (transferred)');
  expect(toLatencyTable([transferred])[0]?.cells[0]).toBe('IDP (transferred)');
});
