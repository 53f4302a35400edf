import { expect, it } from 'vitest';
import { normal, randomFrom, seededRandom, shuffled } from './random.ts';

it('gives the published first outputs of xoshiro128** for the state 1, 2, 3, 4', () => {
  const random = randomFrom([1, 2, 3, 4]);
  const outputs = Array.from({ length: 10 }, () => random.bits());
  expect(outputs).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

it('fills a list with what it gives one by one, and goes on from there', () => {
  const [single, many] = [seededRandom(7), seededRandom(7)];
  const out = new Uint32Array(5);
  many.fill(out);
  expect([...out, many.bits()]).toEqual(Array.from({ length: 6 }, () => single.bits()));
});

it('repeats itself for one seed and differs for the next', () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 5 }, () => random.uniform());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('spreads whole numbers evenly', () => {
  const random = seededRandom(3);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 7000; i++) {
    const drawn = random.integer(7);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  // Chi-squared with 6 degrees of freedom passes 22.5 once in a thousand seeds.
  const statistic = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(statistic).toBeLessThan(22.5);
});

it('draws normal numbers of mean 0 and variance 1', () => {
  const random = seededRandom(5);
  const draws = Array.from({ length: 20_000 }, () => normal(random));
  const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
});

it('shuffles a copy that holds the same items', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const order = shuffled(items, seededRandom(2));
  expect(order).not.toEqual(items);
  expect([...order].sort()).toEqual(items);
  expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
