import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from '../../testing/check-property.ts';
import { seededRandom } from '../random.ts';
import type { RegimeKey } from '../recover/regime.ts';
import {
  type ComparisonInput,
  compareDeclared,
  compareExploratory,
  compareFamily,
  type EvaluatedRegime,
} from './comparisons.ts';
import { holm } from './holm.ts';
import { mcnemar } from './mcnemar.ts';
import { difference } from './outcomes.ts';
import { comparePacked, comparePackedExploratory, comparePackedFamily, PACKED } from './packed-comparison.ts';
import { itemsNeeded } from './power.ts';

const FACTS = 300;
const items = Array.from({ length: FACTS }, (_, i) => ({ id: `fact-${i}?0`, subject: `s${i}` }));

/** Right on the first `count` items. */
const first = (count: number) => new Map(items.map(({ id }, i) => [id, i < count]));
const regime = (key: RegimeKey, heldOut: number, seen?: number): EvaluatedRegime => ({
  key,
  heldOut: first(heldOut),
  seen: seen === undefined ? new Map() : first(seen),
});
const input = (regimes: readonly EvaluatedRegime[], overrides: Partial<ComparisonInput> = {}): ComparisonInput => ({
  items,
  regimes,
  presetItems: FACTS,
  ...overrides,
});
const all = [
  regime('dense', 300),
  regime('compressed', 150),
  regime('prompt', 152, 160),
  regime('idp', 170, 170),
  regime('lora-merged', 200, 299),
];
const named = (comparisons: ReturnType<typeof compareDeclared>) =>
  comparisons.map(({ first: one, second: two }) => `${one.key} ${one.exposure} - ${two.key} ${two.exposure}`);

describe('compareDeclared', () => {
  it('compares each recovery with none, IDP with LoRA-merged, and each recovery with its seen twin, and nothing else', () => {
    expect(named(compareDeclared(input(all)))).toEqual([
      'prompt held-out - compressed held-out',
      'idp held-out - compressed held-out',
      'lora-merged held-out - compressed held-out',
      'idp held-out - lora-merged held-out',
      'prompt held-out - prompt seen',
      'idp held-out - idp seen',
      'lora-merged held-out - lora-merged seen',
    ]);
  });

  it('leaves out what was not evaluated: nothing is compared with a regime or a twin that is not there', () => {
    expect(named(compareDeclared(input([regime('compressed', 150), regime('prefix', 160)])))).toEqual([
      'prefix held-out - compressed held-out',
    ]);
    expect(compareDeclared(input([regime('dense', 300), regime('idp', 160)]))).toEqual([]);
    expect(compareDeclared(input([]))).toEqual([]);
  });

  it('never declares a text prompt, which is no trained recovery', () => {
    expect(compareDeclared(input([regime('compressed', 150), regime('text', 250)]))).toEqual([]);
    const [text, none] = [{ key: 'text' as const }, { key: 'compressed' as const }];
    const picked = compareExploratory(
      input([regime('compressed', 150), regime('text', 250)]),
      { ...text, exposure: 'held-out' },
      { ...none, exposure: 'held-out' },
    );
    expect(picked).toMatchObject({ isExploratory: true, items: FACTS });
  });

  it('gives the difference of the same items with its paired interval, the exact p-value, and Holm’s over the family', () => {
    const compared = compareDeclared(input(all));
    const prompt = compared[0];
    const outcomes = items.map(({ subject }, i) => ({ subject, right: [i < 152, i < 150] }));
    expect(prompt?.difference).toEqual(difference(outcomes, 0, 1));
    expect(prompt?.p).toBe(mcnemar([1, 1]));
    expect(prompt).toMatchObject({ isExploratory: false, items: FACTS, subjects: FACTS });
    expect(compared.map(({ adjustedP }) => adjustedP)).toEqual(holm(compared.map(({ p }) => p)));
  });

  it('decides by the adjusted p-value, not by the raw one', () => {
    // 7 discordant subjects, all one way: p = 2 / 128 = .016; three times that is below 5 %, four times that is not.
    const few = [regime('compressed', 150), regime('prompt', 157), regime('prefix', 157), regime('idp-apart', 157)];
    const alone = compareDeclared(input(few.slice(0, 2)));
    const family = compareDeclared(input(few));
    expect(alone[0]).toMatchObject({ p: 2 / 128, adjustedP: 2 / 128, isDecided: true, sampleSize: null });
    expect(family.map(({ isDecided }) => isDecided)).toEqual([true, true, true]);
    const larger = compareDeclared(input([...few, regime('lora-r1', 157)]));
    expect(larger[0]).toMatchObject({ p: 2 / 128, adjustedP: 8 / 128, isDecided: false });
    expect(larger[0]?.sampleSize).toMatchObject({ difference: 7 / 300, have: 300 });
  });

  it('decides nothing before the preset number of items is reached', () => {
    const early = compareDeclared(input(all, { presetItems: FACTS + 1 }));
    expect(early.map(({ isDecided }) => isDecided)).toEqual(early.map(() => false));
    expect(early[2]?.adjustedP).toBeLessThan(0.001);
    expect(early[2]?.sampleSize?.needed).toBeLessThan(FACTS);
  });

  it('asks half as many of a repair that has one twin', () => {
    const one = { ...regime('idp', 200), isOneTwin: true };
    const toEarly = (presetItems: number) =>
      compareDeclared(input([regime('compressed', 150), one], { presetItems })).map(({ isEarly }) => isEarly);
    expect(toEarly(2 * FACTS)).toEqual([false]);
    expect(toEarly(2 * FACTS + 2)).toEqual([true]);
  });

  it('needs more items at the level that Holm asks of it than alone, and always more than it has', () => {
    const few = [regime('compressed', 150), regime('prompt', 157), regime('prefix', 157), regime('idp-apart', 157)];
    const larger = compareDeclared(input([...few, regime('lora-r1', 157)]));
    const differences = Array.from({ length: FACTS }, (_, i) => (i < 7 ? 1 : 0));
    expect(larger[0]?.sampleSize).toEqual(itemsNeeded(differences, FACTS, { alpha: 0.05 / 4 }));
    expect(larger[3]?.sampleSize).toEqual(itemsNeeded(differences, FACTS, { alpha: 0.05 }));
    const share = fc.double({ min: 0, max: 0.25, noNaN: true });
    checkProperty(
      fc.property(fc.array(fc.tuple(share, share), { minLength: 2, maxLength: 6 }), fc.integer(), (pairs, seed) => {
        const random = seededRandom(seed);
        const keys: RegimeKey[] = ['prompt', 'idp', 'prefix', 'idp-apart', 'lora-r1', 'lora-merged'];
        const before = items.map(() => random.uniform() < 0.5);
        const toRight = (answers: readonly boolean[]) => new Map(items.map(({ id }, i) => [id, answers[i] ?? false]));
        const repaired = pairs.map(([mended, broken], i) => ({
          key: keys[i] ?? 'idp',
          heldOut: toRight(before.map((was) => (random.uniform() < (was ? broken : mended) ? !was : was))),
          seen: new Map(),
        }));
        const none = { key: 'compressed' as const, heldOut: toRight(before), seen: new Map() };
        for (const each of compareDeclared(input([none, ...repaired]), { resamples: 1 })) {
          if (each.isDecided) expect(each.sampleSize).toBeNull();
          // Undecided by its own step and not only by one before it, a comparison has too few items.
          else if (each.sampleSize !== null && each.p === each.adjustedP) {
            expect(each.sampleSize.needed).toBeGreaterThan(each.items);
          }
        }
      }),
      30,
    );
  });

  it('plans for the difference that was set, where one was', () => {
    const [prompt] = compareDeclared(input(all, { wantedDifference: 0.05 }));
    expect(prompt?.sampleSize?.difference).toBe(0.05);
  });

  it('counts subjects, so that three forms of one fact are no three facts', () => {
    const forms = items
      .slice(0, 30)
      .flatMap(({ subject }, i) => [0, 1, 2].map((form) => ({ id: `f${i}?${form}`, subject })));
    const right = (count: number) => new Map(forms.map(({ id }, i) => [id, i < 3 * count]));
    const compared = compareDeclared({
      items: forms,
      regimes: [
        { key: 'compressed', heldOut: right(10), seen: new Map() },
        { key: 'idp', heldOut: right(14), seen: new Map() },
      ],
      presetItems: 1,
    });
    expect(compared[0]).toMatchObject({ items: 90, subjects: 30, p: 2 / 16 });
  });

  it('calls no recovery better in about 95 % of families where none is', () => {
    const random = seededRandom(8);
    const keys: RegimeKey[] = ['compressed', 'prompt', 'idp', 'lora-merged', 'prefix'];
    let families = 0;
    for (let trial = 0; trial < 300; trial++) {
      const regimes = keys.map((key) => ({
        key,
        heldOut: new Map(items.slice(0, 80).map(({ id }) => [id, random.uniform() < 0.5])),
        seen: new Map(),
      }));
      const compared = compareDeclared(input(regimes, { presetItems: 80 }), { resamples: 1 });
      if (compared.some(({ isDecided }) => isDecided)) families++;
    }
    // 5 % of 300 are 15, give or take 3.8; the exact test errs on the safe side.
    expect(families).toBeLessThan(27);
    expect(families).toBeGreaterThan(0);
  });
});

describe('compareFamily', () => {
  // 7 discordant subjects, all one way: p = 2 / 128 = .016.
  const mended = [regime('compressed', 150), regime('prompt', 157)];
  const harmless = [regime('compressed', 150), regime('prompt', 150), regime('idp', 150)];

  it('adjusts over the comparisons of all recipes at once, and keeps each with its recipe', () => {
    const [one, two, three] = compareFamily([input(mended), input(harmless), input(mended)], 0);
    expect(named(one ?? [])).toEqual(['prompt held-out - compressed held-out']);
    expect(named(two ?? [])).toEqual(['prompt held-out - compressed held-out', 'idp held-out - compressed held-out']);
    expect(one?.[0]).toMatchObject({ p: 2 / 128, adjustedP: 8 / 128, isDecided: false, isExploratory: false });
    expect(three?.[0]).toMatchObject({ p: 2 / 128, adjustedP: 8 / 128, isDecided: false });
    expect(two?.map(({ adjustedP }) => adjustedP)).toEqual([1, 1]);
  });

  it('is the declared family where there is one recipe', () => {
    expect(compareFamily([input(all)], 0)).toEqual([compareDeclared(input(all))]);
    expect(compareFamily([], 5)).toEqual([]);
  });

  it('counts what is declared and not at hand yet, so that a part decides nothing that the whole would not', () => {
    expect(compareFamily([input(mended)], 1)[0]?.[0]).toMatchObject({ adjustedP: 2 / 128, isDecided: true });
    const part = compareFamily([input(mended)], 4)[0]?.[0];
    expect(part).toMatchObject({ adjustedP: 8 / 128, isDecided: false });
    expect(part?.sampleSize?.needed).toBeGreaterThan(FACTS);
  });

  it('compares the pair that is asked for in place of the declared ones', () => {
    const pair = [
      { key: 'compressed', exposure: 'held-out' },
      { key: 'dense', exposure: 'held-out' },
    ] as const;
    const damaged = [regime('dense', 157), ...mended];
    const [one, two] = compareFamily([input(damaged, { pair }), input(mended, { pair })], 2);
    expect(named(one ?? [])).toEqual(['compressed held-out - dense held-out']);
    expect(one?.[0]).toMatchObject({ p: 2 / 128, adjustedP: 4 / 128, isDecided: true, isExploratory: false });
    expect(one?.[0]?.difference.value).toBeCloseTo(-7 / FACTS, 12);
    expect(two).toEqual([]);
  });

  it('decides nothing of a recipe before its own preset number of items', () => {
    const [early, late] = compareFamily([input(all, { presetItems: FACTS + 1 }), input(all)], 0);
    expect(early?.some(({ isDecided }) => isDecided)).toBe(false);
    expect(late?.some(({ isDecided }) => isDecided)).toBe(true);
  });
});

describe('compareExploratory', () => {
  it('gives any other pair unadjusted, says so, and decides nothing', () => {
    const compared = compareExploratory(
      input(all),
      { key: 'lora-merged', exposure: 'held-out' },
      { key: 'prompt', exposure: 'held-out' },
    );
    expect(compared).toMatchObject({
      isExploratory: true,
      adjustedP: null,
      isDecided: false,
      p: mcnemar(new Array(48).fill(1)),
    });
    expect(compared?.difference.value).toBeCloseTo(48 / 300, 12);
  });

  it('is the same test with the other sign when the sides are swapped', () => {
    const one = { key: 'idp', exposure: 'held-out' } as const;
    const two = { key: 'lora-merged', exposure: 'seen' } as const;
    const there = compareExploratory(input(all), one, two);
    const back = compareExploratory(input(all), two, one);
    expect(back?.p).toBe(there?.p);
    expect(back?.difference.value).toBe(-(there?.difference.value ?? 0));
  });

  it('holds a regime against itself in another run, which counts in no declared comparison', () => {
    const elsewhere: EvaluatedRegime = { ...regime('idp', 140, 150), run: 'recorded' };
    const both = input([...all, elsewhere]);
    const side = { key: 'idp', exposure: 'held-out' } as const;
    const compared = compareExploratory(both, side, { ...side, run: 'recorded' });
    // 170 right in the run at hand, 140 of the same facts in the other.
    expect(compared).toMatchObject({ difference: { value: 30 / FACTS }, items: FACTS, adjustedP: null });
    expect(compareDeclared(both)).toEqual(compareDeclared(input(all)));
  });

  it('is null where the two share no item', () => {
    const side = { key: 'text', exposure: 'seen' } as const;
    expect(compareExploratory(input(all), side, { key: 'idp', exposure: 'held-out' })).toBeNull();
  });
});

describe('comparePacked', () => {
  it('says the same of answers as bytes as of answers by id', () => {
    const pack = (right: ReadonlyMap<string, boolean>) =>
      Uint8Array.from(items, ({ id }) => {
        const answer = right.get(id);
        return answer === undefined ? PACKED.notAnswered : answer ? PACKED.right : PACKED.wrong;
      });
    const partly = { ...regime('idp', 170, 170), heldOut: new Map([...first(170)].slice(0, 260)) };
    const regimes = all.map((each) => (each.key === 'idp' ? partly : each));
    const [one, two] = [
      { key: 'idp', exposure: 'held-out' },
      { key: 'dense', exposure: 'held-out' },
    ] as const;
    const packed = {
      subjects: Int32Array.from(items, (_, i) => i),
      regimes: regimes.map(({ key, heldOut, seen }) => ({ key, heldOut: pack(heldOut), seen: pack(seen) })),
      presetItems: FACTS,
    };
    expect(comparePacked(packed)).toEqual(compareDeclared(input(regimes)));
    expect(comparePacked(packed)[1]?.items).toBe(260);
    expect(comparePackedExploratory(packed, one, two)).toEqual(compareExploratory(input(regimes), one, two));
    expect(comparePackedExploratory(packed, one, { key: 'text', exposure: 'seen' })).toBeNull();
    const { subjects, ...recipe } = packed;
    const family = { subjects, recipes: [recipe, { ...recipe, presetItems: FACTS + 1 }], familySize: 20 };
    expect(comparePackedFamily(family)).toEqual(
      compareFamily([input(regimes), input(regimes, { presetItems: FACTS + 1 })], 20),
    );
  });
});
