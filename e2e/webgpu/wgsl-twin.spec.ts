import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { AlgebraCheck } from '../../bench/algebra-check.ts';
import { runPage } from '../../bench/run-page.mjs';
import { LEAST_ALIKE, TOLERANCES } from '../../src/testing/tolerances.ts';

let check: AlgebraCheck;

// The shader is inside the engine and the built page has no door to it: a page of its own runs it on the golden layers.
test.beforeAll(async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-'));
  try {
    const result = await runPage('algebra-check', { outDir });
    if (result.error !== undefined) throw new Error(result.error);
    check = result;
  } finally {
    await rm(outDir, { recursive: true });
  }
});

test('the WGSL twin of the calibrated methods chooses as plain TypeScript does, given the golden layers', () => {
  const models = new Set(check.matrices.map(({ model }) => model));
  expect([...models]).toEqual(['tiny', 'atlas']);
  for (const { model, step, module, chosen, share } of check.matrices) {
    expect(share, `${model}, ${step}, ${module}`).toBeGreaterThanOrEqual(LEAST_ALIKE[chosen]);
  }
  expect(new Set(check.matrices.map(({ chosen }) => chosen))).toEqual(new Set(['masks', 'codes']));
});

test('its updates are those of plain TypeScript in shapes that fill no tile, and in ones that do', () => {
  for (const { shape, maxDifference } of check.updates) {
    expect(maxDifference, JSON.stringify(shape)).toBeLessThanOrEqual(TOLERANCES.updates.absolute);
  }
});

test('the faster of the two ways on this device is chosen by a trial', () => {
  const { choice } = check;
  expect(choice?.chosen).toBe((choice?.webgpuMs ?? 0) < (choice?.wasmMs ?? 0) ? 'webgpu' : 'wasm');
});

test('its buffers are counted and freed, and a lost device ends in an error that says so', () => {
  expect(check.openBytes).toBeGreaterThan(0);
  expect(check.leftBytes).toBe(0);
  expect(check.lossCodes).toEqual(['device-lost', 'device-lost']);
});
