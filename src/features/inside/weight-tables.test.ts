import { expect, test } from 'vitest';
import { toCsv } from '../../ui/charts/figure-export.ts';
import { type MatrixStage, toPatternExport } from './weight-tables.ts';

const FILE = { pack: 'atlas', module: 'model.layers.0.mlp.up_proj', regime: 'compressed', date: null } as const;

const STAGES: readonly MatrixStage[] = [
  { id: 'before', name: 'Dense', color: '', matrix: { shape: [2, 3], weight: Float32Array.of(1, 2, 3, 4, 5, 6) } },
  { id: 'after', name: 'Compressed', color: '', matrix: { shape: [1, 3], weight: Float32Array.of(0, 2, 0) } },
];

test('a pattern leaves the page with every zero of the window in its place', () => {
  const window = { row: 0, column: 1, rows: 2, columns: 2 };
  expect(
    toCsv(toPatternExport(FILE, STAGES, window, false))
      .trim()
      .split('\r\n'),
  ).toEqual([
    'output,first input,last input,"Dense, zeros","Dense, pattern (. is 0)","Compressed, zeros","Compressed, pattern (. is 0)"',
    '1,2,3,0,##,1,#.',
    '2,2,3,0,##,,',
  ]);
});

test('single weights leave the page as numbers, those of a removed output as none', () => {
  const window = { row: 0, column: 2, rows: 2, columns: 1 };
  expect(
    toCsv(toPatternExport(FILE, STAGES, window, true))
      .trim()
      .split('\r\n'),
  ).toEqual(['output,input,Dense (weight),Compressed (weight)', '1,3,3,0', '2,3,6,']);
});
