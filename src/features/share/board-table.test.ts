import { expect, it } from 'vitest';
import { GREEDY } from '../../core/eval/sampling.ts';
import type { Column } from '../../state/board-state.ts';
import { makeResultSet } from '../../testing/make-results.ts';
import { FRANCE, makeColumn, makeResult } from '../../testing/make-stores.ts';
import { toBoard } from './board-table.ts';

const done = (key: Column['key']): Partial<Column> => ({ cell: { status: 'done', result: makeResult(key) } });

it('gives each answer on the board with its times and its routing, and none that is of an earlier choice', () => {
  const question = { text: 'What is the capital of France?', fact: FRANCE, form: 0, nearest: [] };
  const columns = [
    makeColumn('dense', done('dense')),
    makeColumn('compressed', { cell: { status: 'streaming', text: ' Ly' } }),
    makeColumn('prompt', { ...done('prompt'), isStale: true }),
    makeColumn('idp', done('idp')),
    makeColumn('text', done('text')),
  ];
  const board = { question, columns, sampling: { ...GREEDY, temperature: 0.7 }, textPrompt: 'In one word:' };
  const table = toBoard('atlas', { recipeLabel: 'Magnitude 60 %', board, source: makeResultSet().source });
  for (const row of table.rows) expect(row).toHaveLength(table.columns.length);
  const valuesOf = (name: string) =>
    table.rows.map((row) => row[table.columns.findIndex((each) => each.name === name)]);
  expect(valuesOf('regime')).toEqual(['dense', 'idp', 'text']);
  expect(valuesOf('fact')).toEqual([null, 'held-out', null]);
  expect(valuesOf('text prompt')).toEqual([null, null, 'In one word:']);
  expect(valuesOf('temperature')).toEqual([0.7, 0.7, 0.7]);
  expect(valuesOf('answer')).toEqual([' Paris', ' Paris', ' Paris']);
  expect(valuesOf('first token')).toEqual([12.34, 12.34, 12.34]);
  expect(valuesOf('prompt chosen')).toEqual([null, 3, null]);
  expect(valuesOf('attention to every prompt')).toEqual([null, '0.11 0.08 0.19 0.16', null]);
  expect(valuesOf('source')).toEqual(['live', 'live', 'live']);
  expect(toBoard('atlas', null).rows).toEqual([]);
});
