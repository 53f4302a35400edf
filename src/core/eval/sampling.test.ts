import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { seededRandom } from '../random.ts';
import { type SamplingOptions, sampleToken } from './sampling.ts';
import { logProbability } from './scoring.ts';

const logits = Float32Array.of(1, 3, 2, -1, 3);
const draw = (options: SamplingOptions, times: number, seed = 1) => {
  const random = seededRandom(seed);
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < times; i++) {
    const id = sampleToken(logits, options, random);
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts.map((count) => count / times);
};

it('is greedy at temperature 0, the first token on a tie', () => {
  expect(draw({ temperature: 0, topK: 0 }, 5)).toEqual([0, 1, 0, 0, 0]);
});

it.each([0.5, 1, 2])('draws tokens as often as softmax(logits / %d) says', (temperature) => {
  const scaled = logits.map((logit) => logit / temperature);
  draw({ temperature, topK: 0 }, 20_000).forEach((share, id) => {
    expect(Math.abs(share - Math.exp(logProbability(scaled, id)))).toBeLessThan(0.015);
  });
});

it('draws only from the top k, of equal logits the lower ids, in their own proportion', () => {
  expect(draw({ temperature: 1, topK: 1 }, 50)).toEqual([0, 1, 0, 0, 0]);
  const [first, second, third, fourth, fifth] = draw({ temperature: 1, topK: 3 }, 5000);
  expect([first, fourth]).toEqual([0, 0]);
  expect(Math.abs((second ?? 0) - (fifth ?? 0))).toBeLessThan(0.04);
  expect((third ?? 0) / (second ?? 1)).toBeCloseTo(Math.exp(-1), 1);
});

it('draws from all where k is beyond the vocabulary', () => {
  expect(draw({ temperature: 1, topK: 99 }, 300)).toEqual(draw({ temperature: 1, topK: 0 }, 300));
});

it('repeats itself for one seed', () => {
  const options = { temperature: 1.5, topK: 0 };
  expect(draw(options, 40, 7)).toEqual(draw(options, 40, 7));
  expect(draw(options, 40, 7)).not.toEqual(draw(options, 40, 8));
});

describe('options and logits that make no sense', () => {
  it.each([
    [-1, 0],
    [Number.NaN, 0],
    [1, -1],
    [1, 1.5],
  ])('are refused: temperature %d, top k %d', (temperature, topK) => {
    expectAppError(() => sampleToken(logits, { temperature, topK }, seededRandom(1)), 'input-invalid');
  });

  it('are refused where no logit is a finite number', () => {
    const broken = Float32Array.of(Number.NaN, Number.NaN);
    expectAppError(() => sampleToken(broken, { temperature: 1, topK: 0 }, seededRandom(1)), 'run-failed');
  });
});
