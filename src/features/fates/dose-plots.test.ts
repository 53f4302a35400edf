import { expect, test } from 'vitest';
import { makeDosePoint } from '../../testing/make-findings.ts';
import { makeOutcomeSet } from '../../testing/make-outcomes.ts';
import { toDosePlot } from './dose-plots.ts';

test('recipes of several methods stand as marks of their own, those that round apart from those that prune', async () => {
  const pruned = await makeDosePoint(makeOutcomeSet().set);
  const step = { method: 'rtn', bits: 2, groupSize: 16, symmetric: false } as const;
  const rounded = { ...pruned, recipeId: 'rtn-severe', recipe: { version: 1, steps: [step] } } as const;
  const { lines } = toDosePlot([pruned, rounded], 'displaced', ['prompt']);
  expect(lines.map(({ path }) => path)).toEqual([[]]);
  expect(lines[0]?.points.map(({ id, isHollow }) => [id, isHollow])).toEqual([
    ['magnitude-mild prompt', false],
    ['rtn-severe prompt', true],
  ]);
});

test('a mark tells the interval of the damage that it stands over', async () => {
  const point = await makeDosePoint(makeOutcomeSet().set);
  const { lines } = toDosePlot([point], 'displaced', ['prompt']);
  expect(lines[0]?.points[0]?.details[0]).toMatch(/^damage [\d.]+\s% \[.+\]$/);
});
