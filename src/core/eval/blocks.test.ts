import { expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { toBlocks } from './blocks.ts';

const regimes = ['dense', 'compressed', 'prompt', 'idp', 'lora'];

it('holds every regime once per block', () => {
  const blocks = toBlocks(regimes, 30, seededRandom(1));
  expect(blocks).toHaveLength(30);
  for (const block of blocks) expect([...block].sort()).toEqual([...regimes].sort());
});

it('puts every regime at every place about equally often, and repeats itself for one seed', () => {
  const blocks = toBlocks(regimes, 1000, seededRandom(2));
  for (const regime of regimes) {
    for (let place = 0; place < regimes.length; place++) {
      const count = blocks.filter((block) => block[place] === regime).length;
      // 200 expected, standard deviation 12.6.
      expect(Math.abs(count - 200)).toBeLessThan(55);
    }
  }
  expect(toBlocks(regimes, 1000, seededRandom(2))).toEqual(blocks);
});
