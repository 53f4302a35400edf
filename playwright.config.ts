import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { findChromium, WEBGPU_FLAGS } from './scripts/find-chromium.mjs';

const executablePath = findChromium().path;
const withoutGpu = WEBGPU_FLAGS.filter((flag) => !flag.includes('webgpu'));

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  // A software GPU or a model keeps one core busy; more of them at once than cores would only slow each other down.
  workers: Math.min(2, availableParallelism()),
  timeout: 180_000,
  expect: { timeout: 30_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  // No trace: keeping the document at every step took a fifth more processor time (59 s instead of 49 on the journey without WebGPU).
  use: { viewport: { width: 1440, height: 1000 } },
  projects: [
    { name: 'webgpu', use: { launchOptions: { executablePath, args: WEBGPU_FLAGS } }, testIgnore: '**/wasm/**' },
    {
      name: 'no-webgpu',
      use: { launchOptions: { executablePath, args: [...withoutGpu, '--disable-features=WebGPU', '--disable-gpu'] } },
      testIgnore: '**/webgpu/**',
    },
  ],
});
