import { expect, test } from 'vitest';
import { makeWorld } from '../../testing/make-pack.ts';
import { drawSamples, toCalibrationSentences } from './calibration-samples.ts';

const world = makeWorld();
const tasks = [{ id: 'toy', version: 1, ...world }];
const GENERAL = ['A ball rolls down a hill.', 'Rain falls.'];
const sentences = toCalibrationSentences(tasks, GENERAL);
/** One id a character. */
const TOKENS = { encode: (text: string) => [...text].map((c) => c.charCodeAt(0)), bosTokenId: 0, eosTokenId: 1 };

test('the set holds every taught form of the calibration facts and then the general sentences, and no other fact', () => {
  const own = world.facts.filter(({ fold }) => fold === 'calibration');
  const forms = own.reduce((sum, { taught }) => sum + taught.length, 0);
  expect(sentences.slice(forms)).toEqual(GENERAL.map((text) => [text]));
  expect(sentences.slice(0, 2)).toEqual([
    [`The capital of ${own[0]?.subject} is`, ` ${own[0]?.answer}`],
    [`Question: What is the capital of ${own[0]?.subject}?\nAnswer:`, ` ${own[0]?.answer}`],
  ]);
  const text = sentences.flat().join('\n');
  for (const { subject } of world.facts.filter(({ fold }) => fold !== 'calibration'))
    expect(text).not.toContain(subject);
});

test('a draw is a part of the set without doubles, the same for the same seed and another one for another', () => {
  const draw = (samples: number, seed: number) => drawSamples(sentences, { samples, seed }, TOKENS).map(String);
  expect(new Set(draw(5, 1)).size).toBe(5);
  expect(draw(5, 1)).toEqual(draw(5, 1));
  expect(draw(5, 1)).not.toEqual(draw(5, 2));
  expect(draw(1000, 1)).toHaveLength(sentences.length);
});

test('context and target are encoded apart between begin and end token', () => {
  const [ids] = drawSamples([['ab', 'c']], { samples: 1, seed: 0 }, TOKENS);
  expect(ids).toEqual([0, 97, 98, 99, 1]);
});
