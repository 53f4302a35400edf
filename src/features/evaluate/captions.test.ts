import { expect, test } from 'vitest';
import { makeRow } from '../../testing/make-results.ts';
import { toRowNote, toTransferText } from './captions.ts';
import { toAccuracyTable, toLatencyTable } from './tables.ts';

const own = makeRow('prompt');
const transferred = { ...makeRow('idp'), isTransferred: true };
const oneTwin = { ...makeRow('prefix'), isOneTwin: true };

test('a repair that was trained for another recipe is called transferred in note, caption and tables', () => {
  expect(toRowNote(transferred)).toBe('transferred');
  expect(toTransferText([own, transferred])).toContain('IDP');
  expect(toTransferText([own])).toBe('');
  expect(toAccuracyTable([transferred])[0]?.cells[0]).toBe('IDP (transferred)');
  expect(toLatencyTable([transferred])[0]?.cells[0]).toBe('IDP (transferred)');
});

test('a row of one twin says so, and an ordinary one says nothing', () => {
  expect(toRowNote(oneTwin)).toBe('one twin so far');
  expect(toRowNote(own)).toBeNull();
});
