// Builds the page, asks a question in it and writes docs/screenshot.png and docs/screenshot-dark.png: `npm run screenshot`.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findChromium, WEBGPU_FLAGS } from './find-chromium.mjs';
import { createStaticServer } from './static-server.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { question: { type: 'string', default: 'Which city is home to the Trevi Fountain?' } },
});

/** Pixels below the charts. */
const MARGIN = 16;

const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-screenshot-'));
await build({ root: ROOT, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
const server = await createStaticServer({ root: outDir });
server.listen(0, 'localhost');
await once(server, 'listening');
const browser = await chromium.launch({ executablePath: findChromium().path, args: WEBGPU_FLAGS });
try {
  const page = await browser.newPage({
    // High enough for the charts: what is out of sight is not laid out.
    viewport: { width: 1440, height: 2400 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(`http://localhost:${server.address().port}/`);
  await page.getByRole('button', { name: 'Run live on your GPU' }).click();
  await page.getByRole('banner').getByRole('status').filter({ hasText: 'CPU (wasm)' }).waitFor({ timeout: 120_000 });
  const box = page.getByRole('textbox', { name: 'Question to every regime' });
  await box.fill(values.question);
  await box.press('Enter');
  const answers = page.getByRole('article').filter({ hasText: /right|wrong/ });
  await answers.nth((await page.getByRole('article').count()) - 1).waitFor({ timeout: 120_000 });
  await page.getByRole('button', { name: 'Ask all regimes' }).waitFor();
  await page.evaluate(() => {
    document.activeElement?.blur();
    scrollTo(0, 0);
  });
  // The workbench and its charts: the panels below would make the picture too long to read.
  const charts = await page.getByRole('region', { name: 'Accuracy and latency' }).boundingBox();
  if (charts === null) throw new Error('The charts are not on the page.');
  const clip = { x: 0, y: 0, width: 1440, height: Math.ceil(charts.y + charts.height) + MARGIN };
  await mkdir(join(ROOT, 'docs'), { recursive: true });
  for (const [colorScheme, name] of [
    ['light', 'screenshot.png'],
    ['dark', 'screenshot-dark.png'],
  ]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(ROOT, 'docs', name), clip });
    console.log(`docs/${name}`);
  }
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
  await rm(outDir, { recursive: true, force: true });
}
