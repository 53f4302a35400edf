import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAnsweredRepairs } from '../../testing/fates-fixture.ts';
import { parseJson } from '../json.ts';
import { parseManifest } from '../pack/parse.ts';
import {
  displacedAboveNull,
  FATES,
  type FactOutcome,
  guessedShare,
  isKnown,
  reportFates,
  toFactOutcome,
  toFate,
} from './fates.ts';
import { wilson } from './statistics.ts';

const [o, x] = [true, false];

/** `count` facts of one fate each, every fact of a subject of its own. */
function makeFacts(outcome: Omit<FactOutcome, 'factId' | 'subject'>, count: number, start = 0): FactOutcome[] {
  return Array.from({ length: count }, (_, i) => ({ factId: `f${start + i}`, subject: `s${start + i}`, ...outcome }));
}

const displaced = { dense: o, variant: x, heldOut: o, seen: o };
const relearned = { dense: o, variant: x, heldOut: x, seen: o };
const lost = { dense: o, variant: x, heldOut: x, seen: x };

describe('isKnown', () => {
  it('takes two of three forms', () => {
    expect(
      [
        [o, o, o],
        [o, x, o],
        [x, x, o],
        [x, x, x],
      ].map(isKnown),
    ).toEqual([o, o, x, x]);
  });

  it('keeps to two in three where a relation has another number of forms', () => {
    expect([[o], [o, x], [o, o, o, x, x], [o, o, o, o, x]].map(isKnown)).toEqual([o, x, x, o]);
  });

  it('is null where a form is missing, even if the others agree', () => {
    expect([[o, o, null], [null, null, null], []].map(isKnown)).toEqual([null, null, null]);
  });
});

describe('toFate', () => {
  // The table of fates: dense, variant, held-out twin, seen twin.
  it.each([
    [x, x, x, x, 'never-known'],
    [x, o, o, o, 'never-known'],
    [o, o, o, x, 'kept'],
    [o, o, x, o, 'broken'],
    [o, x, o, o, 'displaced'],
    [o, x, o, x, 'displaced'],
    [o, x, x, o, 'relearned'],
    [o, x, x, x, 'lost'],
  ])('of dense %s, variant %s, held-out %s and seen %s is %s', (dense, variant, heldOut, seen, fate) => {
    expect(toFate({ dense, variant, heldOut, seen })).toBe(fate);
  });
});

describe('toFactOutcome', () => {
  it('decides every regime by its own forms', () => {
    const answers = { dense: [o, o, x], variant: [o, x, x], heldOut: [x, o, o], seen: [x, x, x] };
    expect(toFactOutcome('f', 's', answers)).toEqual({
      factId: 'f',
      subject: 's',
      dense: o,
      variant: x,
      heldOut: o,
      seen: x,
    });
  });

  it('is null where one regime lacks a form', () => {
    const answers = { dense: [o, o, o], variant: [o, x, x], heldOut: [x, o, o], seen: [x, null, x] };
    expect(toFactOutcome('f', 's', answers)).toBeNull();
  });
});

describe('reportFates', () => {
  const repairs = readAnsweredRepairs();

  it('has the answers of every recipe that the pack ships', () => {
    const path = '../../../public/packs/atlas/manifest.json';
    const bytes = new Uint8Array(readFileSync(new URL(path, import.meta.url)));
    const manifest = parseManifest(parseJson(bytes, 'manifest.json', 'pack-invalid'));
    // If not: training/fates_fixture.py.
    expect([...new Set(repairs.map(({ recipeId }) => recipeId))]).toEqual(manifest.recipes.map(({ id }) => id));
  });

  it.each(repairs.map((repair) => [repair.recipeId, repair.name, repair] as const))(
    'counts the fates of %s under %s as training/report.py does',
    (_recipe, _name, { outcomes, fates }) => {
      const report = reportFates(outcomes, { resamples: 1 });
      const counted = FATES.map((fate) => [fate.replace('-', ' '), report.fates.get(fate)?.count] as const);
      expect(Object.fromEntries(counted.filter(([, count]) => count !== 0))).toEqual(fates);
    },
  );

  it('gives the shares and intervals that the report prints for LoRA r=8 of magnitude-mild', () => {
    const repair = repairs.find(({ recipeId, name }) => recipeId === 'magnitude-mild' && name === 'lora-r8');
    const report = reportFates(repair?.outcomes ?? []);
    // .075 [.065, .084], .017 [.012, .022], and .695 [.640, .745] among the damaged; another generator draws, so the last digit may differ.
    const printed = [
      [report.fates.get('displaced')?.share, 0.075, 0.065, 0.084],
      [report.fates.get('broken')?.share, 0.017, 0.012, 0.022],
      [report.ofDamaged.displaced, 0.695, 0.64, 0.745],
    ] as const;
    for (const [share, value, low, high] of printed) {
      expect(share?.value).toBeCloseTo(value, 3);
      expect(Math.abs((share?.low ?? 0) - low)).toBeLessThan(0.006);
      expect(Math.abs((share?.high ?? 0) - high)).toBeLessThan(0.006);
    }
  });

  it('counts every fact once, and shares of those that the dense model knows', () => {
    const facts = [
      ...makeFacts({ dense: x, variant: o, heldOut: o, seen: o }, 20),
      ...makeFacts({ dense: o, variant: o, heldOut: o, seen: o }, 50, 20),
      ...makeFacts(displaced, 10, 70),
      ...makeFacts(relearned, 15, 80),
      ...makeFacts(lost, 5, 95),
    ];
    const report = reportFates(facts);
    expect(report).toMatchObject({ facts: 100, known: 80, damaged: 30 });
    expect([...report.fates.values()].reduce((sum, { count }) => sum + count, 0)).toBe(100);
    expect(report.fates.get('never-known')?.share?.value).toBe(0.2);
    expect(report.fates.get('kept')?.share).toMatchObject({ ...wilson(50, 80), method: 'wilson' });
    expect(report.ofDamaged.displaced?.value).toBeCloseTo(10 / 30, 12);
    expect(report.ofDamaged.relearned).toMatchObject({ ...wilson(15, 30), items: 30 });
    expect(report.ofDamaged.lost).toMatchObject(wilson(5, 30));
    expect(report.seen?.value).toBeCloseTo(25 / 30, 12);
    expect(report.owedToSeeing?.value).toBeCloseTo(15 / 25, 12);
    expect(report.net?.value).toBeCloseTo(10 / 80, 12);
  });

  it('takes broken facts off the displaced ones', () => {
    const facts = [...makeFacts(displaced, 10), ...makeFacts({ dense: o, variant: o, heldOut: x, seen: o }, 10, 10)];
    const { net } = reportFates(facts);
    expect(net?.value).toBe(0);
    expect(net?.low).toBeLessThan(0);
  });

  it('has no shares without facts', () => {
    expect(reportFates([])).toMatchObject({
      facts: 0,
      ofDamaged: { displaced: null, relearned: null, lost: null },
      seen: null,
      owedToSeeing: null,
      net: null,
    });
  });
});

describe('displacedAboveNull', () => {
  it('compares the same facts, whatever their order', () => {
    const repair = [...makeFacts(displaced, 20), ...makeFacts(lost, 20, 20)];
    const shuffled = [...makeFacts(lost, 35, 5), ...makeFacts(displaced, 5)];
    const gap = displacedAboveNull(repair, shuffled);
    expect(gap?.value).toBeCloseTo(15 / 40, 12);
    expect(gap?.low).toBeGreaterThan(0);
  });

  it('is tested in pairs: of 15 discordant facts all one way, p is 2 / 2^15', () => {
    const repair = [...makeFacts(displaced, 20), ...makeFacts(lost, 20, 20)];
    const shuffled = [...makeFacts(displaced, 5), ...makeFacts(lost, 35, 5)];
    expect(displacedAboveNull(repair, shuffled)?.p).toBeCloseTo(2 / 2 ** 15, 12);
  });

  it('is nothing where both bring back the same facts', () => {
    const repair = [...makeFacts(displaced, 20), ...makeFacts(lost, 20, 20)];
    expect(displacedAboveNull(repair, repair)).toMatchObject({ value: 0, p: 1 });
  });

  it('is null where no damaged fact has an outcome under both', () => {
    expect(displacedAboveNull(makeFacts(displaced, 5), makeFacts(lost, 5, 5))).toBeNull();
  });
});

describe('guessedShare', () => {
  it('counts both twins on what the variant gets wrong, subjects as units', () => {
    const facts = Array.from({ length: 40 }, (_, i) => ({
      subject: `s${i}`,
      variant: i >= 30,
      twins: [i % 10 === 0, i % 5 === 0],
    }));
    expect(guessedShare(facts)).toMatchObject({ value: 9 / 60, items: 60, subjects: 30, method: 'cluster-bootstrap' });
    expect(guessedShare([])).toBeNull();
  });
});
