import { expect, test } from 'vitest';
import { decideRestart } from './restart-policy.ts';

const MINUTE = 60_000;

test('a device is restarted twice within five minutes, then given up for wasm', () => {
  expect(decideRestart([], 0, 'webgpu')).toEqual({ action: 'restart', attempt: 1 });
  expect(decideRestart([0], MINUTE, 'webgpu')).toEqual({ action: 'restart', attempt: 2 });
  expect(decideRestart([0, MINUTE], 2 * MINUTE, 'webgpu')).toEqual({ action: 'fall-back' });
});

test('wasm has nothing to fall back to', () => {
  expect(decideRestart([0, 1], 2, 'wasm')).toEqual({ action: 'give-up' });
});

test('restarts older than five minutes are forgotten', () => {
  expect(decideRestart([0, MINUTE], 5 * MINUTE, 'webgpu')).toEqual({ action: 'restart', attempt: 2 });
  expect(decideRestart([0, MINUTE], 6 * MINUTE, 'webgpu')).toEqual({ action: 'restart', attempt: 1 });
});
