// Builds the page of this folder, serves it under a sub-path, runs one of its modules in headless Chromium and returns its `benchResult`.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { findChromium, WEBGPU_FLAGS } from '../scripts/find-chromium.mjs';
import { createStaticServer } from '../scripts/static-server.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BASE = '/x/y/';

export async function runPage(name, { timeoutMs = 300_000, query = {}, outDir = join(ROOT, 'dist', 'bench') } = {}) {
  await build({
    root: ROOT,
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true, rollupOptions: { input: join(ROOT, 'bench', 'page.html') } },
  });
  const server = await createStaticServer({ root: outDir, base: BASE });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: findChromium().path,
    args: [...WEBGPU_FLAGS, '--js-flags=--expose-gc'],
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => console.error(`  [${message.type()}] ${message.text()}`));
    page.on('pageerror', (error) => console.error(`  ${error.message}`));
    await page.exposeFunction('benchMemory', () => readMemory(browser));
    await page.exposeFunction('benchProcessorMs', () => readProcessorMs(browser));
    const search = new URLSearchParams({ run: name, ...query });
    await page.goto(`http://localhost:${server.address().port}${BASE}bench/page.html?${search}`);
    await page.waitForFunction(() => globalThis.benchResult !== undefined, null, { timeout: timeoutMs });
    return await page.evaluate(() => globalThis.benchResult);
  } finally {
    await browser.close();
    server.close();
  }
}

/** Processor time that all processes of the browser have had, in ms: other work on the machine counts little in it. */
async function readProcessorMs(browser) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { cpuTime }) => sum + 1000 * cpuTime, 0);
  } finally {
    await session.detach();
  }
}

/** Resident bytes of all processes of the browser, from Linux' /proc; null elsewhere. */
async function readMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    const sizes = await Promise.all(processInfo.map(({ id }) => readFile(`/proc/${id}/status`, 'utf8')));
    return sizes.reduce((sum, status) => sum + 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0), 0);
  } catch {
    return null;
  } finally {
    await session.detach();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , name = 'golden-check', on] = process.argv;
  console.log(JSON.stringify(await runPage(name, { query: on === undefined ? {} : { on } }), null, 2));
}
