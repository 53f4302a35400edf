import { expect, test } from 'vitest';
import type { Recipe } from '../core/compress/recipe.ts';
import { createPlainStatistics } from '../engine/statistics-client.ts';
import { makeManifest, makeWorld } from '../testing/make-pack.ts';
import { makeEstimate, makeRow } from '../testing/make-results.ts';
import { makeTimings } from '../testing/make-timings.ts';
import { createEstimates } from './estimates.ts';
import { planUnits } from './evaluation-plan.ts';
import type { Outcome, ResultBook } from './result-book.ts';
import { createResultSets, hideRecovered } from './result-sets.ts';

const manifest = makeManifest();
const { facts } = makeWorld();
const [recipe] = manifest.recipes.map((entry) => entry.recipe) as [Recipe];
const device = { device: 'CPU', deviceKind: 'wasm', isSoftware: false, date: '2026-01-01' } as const;

/** Every fact of the world, of whatever fold, answered by every regime: right where `isRight` says so. */
function makeBook(isRight: (factId: string) => boolean): ResultBook {
  const outcomes = new Map(
    planUnits(['idp'], recipe, manifest, '').map(({ regime }) => [
      regime.id,
      new Map(
        facts.map(({ id }): [string, Outcome] => [
          `${id}?0`,
          { isRight: isRight(id), logLikelihood: -1, chosenPrompt: null },
        ]),
      ),
    ]),
  );
  return { device, outcomes, timings: new Map(), sizes: new Map(), presets: new Map() };
}

test('development and calibration facts that were scored all the same stand in no figure', async () => {
  const isFold = (fold: string) => fold === 'A' || fold === 'B';
  const counted = facts.filter(({ fold, dev }) => isFold(fold) && !dev);
  const right = new Set(counted.map(({ id }) => id));
  expect(facts.some(({ fold, dev }) => isFold(fold) && dev)).toBe(true);
  const book = makeBook((id) => right.has(id));
  const input = { book, recipe, textPrompt: '', manifest, facts, precision: 'live' } as const;
  const set = await createResultSets(createEstimates(createPlainStatistics())).toResultSet(input);
  const accuracy = (key: string) => set?.rows.find((row) => row.key === key)?.accuracy;
  const all = { value: 1, n: counted.length };
  expect(accuracy('dense')).toMatchObject({ all, seen: null, heldOut: null });
  expect(accuracy('idp')).toMatchObject({ all: null, seen: all, heldOut: all });
  expect(set?.damage).toMatchObject({ value: 0, n: counted.length });
});

test('times of regimes that took turns are compared in pairs once a timing has ended, and not computed twice', async () => {
  const timings = makeTimings({ compressed: 10, idp: 12 });
  const units = planUnits(['idp'], recipe, manifest, '').filter(({ fold }) => fold !== 'B');
  const book = makeBook(() => true);
  for (const { key, regime } of units) {
    const runs = timings.get(key);
    if (runs !== undefined) book.timings.set(regime.id, runs);
  }
  const sets = createResultSets(createEstimates(createPlainStatistics()));
  const draw = (precision: 'live' | 'final') =>
    sets.toResultSet({ book, recipe, textPrompt: '', manifest, facts, precision });
  expect((await draw('live'))?.timeComparisons).toEqual([]);
  const found = (await draw('final'))?.timeComparisons;
  expect(found?.map(({ phase, first, second, items }) => [phase, first.key, second.key, items])).toEqual([
    ['ttftMs', 'idp', 'compressed', 30],
    ['perTokenMs', 'idp', 'compressed', 30],
  ]);
  expect(found?.[0]).toMatchObject({ isDecided: true, difference: { method: 'round-bootstrap' } });
  expect((await draw('live'))?.timeComparisons).toBe(found);
});

test('a recovered share is hidden wherever the interval of the damage touches 0', () => {
  const rows = [makeRow('idp'), makeRow('dense')];
  expect(hideRecovered(rows, makeEstimate(0.1, 0.05, 200))).toEqual(rows);
  for (const damage of [
    makeEstimate(0.1, 0.1, 200),
    makeEstimate(0.1, 0.2, 200),
    makeEstimate(-0.1, 0.05, 200),
    null,
  ]) {
    expect(hideRecovered(rows, damage).map(({ recovered }) => recovered)).toEqual([null, null]);
  }
});
