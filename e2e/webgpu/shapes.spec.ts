import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { runPage } from '../../bench/run-page.mjs';
import type { ShapeCheck } from '../../bench/shape-check.ts';
import { SHAPE_KEYS } from '../../src/core/shape/shape-regimes.ts';

let check: ShapeCheck;

// A shape as large as the page's takes an emulated GPU minutes: a page of its own times a small one.
test.beforeAll(async () => {
  const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-'));
  try {
    const result = await runPage('shape-check', { outDir });
    if (result.error !== undefined) throw new Error(result.error);
    check = result;
  } finally {
    await rm(outDir, { recursive: true });
  }
});

test('random weights are timed in every regime on the GPU, and only the pool pays for routing', () => {
  expect(check.device).toMatch(/WebGPU/);
  for (const key of SHAPE_KEYS) {
    const run = check.runs[key];
    expect(run?.perTokenMs, key).toBeGreaterThan(0);
    expect(run?.routingMs === 0, key).toBe(key !== 'idp');
  }
});

test('kernel times come from timestamp queries, for prefill and decode apart', () => {
  for (const [key, { prefillMs, perTokenMs, kernelsPerToken }] of Object.entries(check.kernels)) {
    expect(prefillMs, key).toHaveLength(2);
    for (const time of [...prefillMs, ...perTokenMs]) expect(time, key).toBeGreaterThan(0);
    // At least the seven matrices of each of the two layers.
    expect(kernelsPerToken, key).toBeGreaterThan(14);
  }
});

test('the buffers of random weights are freed to the last byte', () => {
  expect(check.loadedBytes).toBeGreaterThan(0);
  expect(check.leftBytes).toBe(0);
});
