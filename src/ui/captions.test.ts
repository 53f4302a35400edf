import { expect, it } from 'vitest';
import { toCountText, toSourceText } from './captions.ts';

it('counts in a caption are one number, a range, or none yet', () => {
  expect(toCountText([{ n: 200 }, null], 'items')).toBe('200 items');
  expect(toCountText([{ n: 120 }, { n: 200 }], 'items')).toBe('120 to 200 items');
  expect(toCountText([null], 'items')).toBe('no items yet');
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
});
