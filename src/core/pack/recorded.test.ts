import { describe, expect, it } from 'vitest';
import { expectAppError } from '../../testing/expect-error.ts';
import { parseRecorded } from './recorded.ts';

const regime = { recipeId: 'mild', recovery: 'lora-merged', repairType: 'lora-r8', recompress: true };
const accuracy = {
  ...regime,
  part: 'held-out',
  items: 300,
  subjects: 100,
  right: 200,
  interval: { low: 0.6, high: 0.72 },
};
const latency = {
  ...regime,
  runs: 30,
  ttftMs: { median: 12, low: 11, high: 13 },
  perTokenMs: { median: 1.1, low: 1, high: 1.2 },
};
const sound = {
  formatVersion: 1,
  device: 'wasm on the CPU',
  date: '2026-01-01T10:00:00.000Z',
  engine: 'onnxruntime-web 1.30.0',
  accuracy: [accuracy],
  latency: [latency],
};
const rejects = (json: unknown) => expectAppError(() => parseRecorded(json), 'pack-invalid');

it('takes sound results as they are', () => {
  expect(parseRecorded(sound)).toEqual(sound);
});

it('takes the dense checkpoint, and too few tokens for a time per token', () => {
  const dense = { recipeId: null, recovery: 'none', repairType: null };
  const json = {
    ...sound,
    date: '2026-01-01',
    accuracy: [{ ...accuracy, ...dense, part: 'all' }],
    latency: [{ ...latency, ...dense, perTokenMs: null }],
  };
  expect(parseRecorded(json).latency[0]?.perTokenMs).toBeNull();
});

describe('a figure', () => {
  it.each([
    ['right', 301],
    ['items', 0],
    ['items', 2.5],
    ['subjects', -1],
    ['part', 'dev'],
    ['recovery', 'magic'],
    ['interval', { low: 0.7, high: 0.6 }],
    ['interval', { low: -0.1, high: 0.6 }],
    ['interval', { low: 0.6, high: Number.NaN }],
    ['interval', null],
  ])('of accuracy may not have the %s %j', (field, value) => {
    rejects({ ...sound, accuracy: [{ ...accuracy, [field]: value }] });
  });

  it.each([
    ['runs', 0],
    ['ttftMs', { median: 10, low: 11, high: 13 }],
    ['ttftMs', { median: Number.POSITIVE_INFINITY, low: 11, high: Number.POSITIVE_INFINITY }],
    ['ttftMs', { median: -1, low: -2, high: 0 }],
    ['perTokenMs', 3],
  ])('of latency may not have the %s %j', (field, value) => {
    rejects({ ...sound, latency: [{ ...latency, [field]: value }] });
  });
});

it.each([null, [], { ...sound, formatVersion: 2 }, { ...sound, date: 'yesterday' }, { ...sound, device: '' }])(
  'refuses %j as a whole',
  (json) => {
    rejects(json);
  },
);
