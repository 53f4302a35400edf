import { expect, it } from 'vitest';
import { toCountText, toIntervalText, toRowNote, toSourceText } from './captions.ts';

it('counts in a caption are one number, a range, or none yet', () => {
  expect(toCountText([{ n: 200 }, null], 'items')).toBe('200 items');
  expect(toCountText([{ n: 120 }, { n: 200 }], 'items')).toBe('120 to 200 items');
  expect(toCountText([null], 'items')).toBe('no items yet');
});

it('intervals say of how many subjects and how they were made, as far as results do', () => {
  const one = { method: 'wilson', subjects: 120 } as const;
  const other = { method: 'cluster-bootstrap', subjects: 1203 } as const;
  const plain = (estimates: Parameters<typeof toIntervalText>[0]) => toIntervalText(estimates).replace('\u00a0', ' ');
  expect(plain([one, null])).toBe('95 % intervals over 120 subjects, Wilson');
  expect(plain([other, one])).toBe('95 % intervals over 120 to 1,203 subjects, Wilson and cluster bootstrap');
  expect(plain([{}, null])).toBe('95 % intervals');
});

it('a recorded figure is never said to be of this device', () => {
  const source = { device: 'CPU (wasm)', isSoftware: false, date: '2026-11-20' };
  expect(toSourceText({ ...source, kind: 'recorded' })).toContain('not measured on your device');
  expect(toSourceText({ ...source, kind: 'live' })).toBe('Measured in this browser on CPU (wasm), 20 Nov 2026.');
});

it('an imported figure names its file and is never said to be measured here', () => {
  const source = { device: 'CPU (wasm)', isSoftware: false, date: '2026-11-20', fileName: 'run.json' };
  expect(toSourceText({ ...source, kind: 'imported' })).toBe(
    'Imported from run.json, measured on CPU (wasm), 20 Nov 2026; not measured here.',
  );
  expect(toSourceText({ ...source, kind: 'imported', isOtherEngine: true })).toContain(
    'by another version of the engine',
  );
});

it('a row says that its repair was trained for another recipe, or that one twin is there, and an ordinary one nothing', () => {
  expect(toRowNote({ isTransferred: true, isOneTwin: true })).toBe('transferred');
  expect(toRowNote({ isTransferred: false, isOneTwin: true })).toBe('one twin so far');
  expect(toRowNote({ isTransferred: false, isOneTwin: false })).toBeNull();
});
