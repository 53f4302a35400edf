import { expect, it } from 'vitest';
import { makeResultSet } from '../../testing/make-results.ts';
import { toMethodNotes } from './report-words.ts';

it('says of times how long the question was and how many tokens followed', () => {
  const [note = ''] = toMethodNotes(makeResultSet()).filter((each) => each.startsWith('Latency'));
  expect(note).toContain('Each run is one question of 14 tokens behind the begin token, then 8 new tokens');
  expect(note).toMatch(/from the prefill\. Smallest step of the timer/);
});
