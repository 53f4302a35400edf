import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { prependToWorker } from '../prepend-to-worker.ts';
import type { Intercept } from '../serve-build.ts';
import { ask, deviceStatus, openWorkbench, QUESTION, questionBox, runButton } from '../workbench.ts';

/** As the server answers what it does not have; the rules for its folders may say otherwise. */
const NOT_KEPT = { 'Cache-Control': 'no-store' };

const MODEL = 'packs/atlas/checkpoint/model.safetensors';

/** Answers every request for a path that ends so. */
function on(ending: RegExp, answer: (...args: Parameters<Intercept>) => void | Promise<void>): Intercept {
  return async (path, request, response) => {
    if (!ending.test(path)) return false;
    await answer(path, request, response);
    return true;
  };
}

const readModel = () => readFile(new URL(`../../dist/${MODEL}`, import.meta.url));

const isModel = /checkpoint\/model\.safetensors$/;

interface Fault {
  name: string;
  fault: Intercept;
  says: RegExp;
  code: string;
}

// In this order: what was fetched once is kept, the engine above all.
const FAULTS: readonly Fault[] = [
  {
    name: 'an engine worker that is not there',
    fault: on(/engine\.worker-.*\.js$/, (_, __, response) => void response.writeHead(404, NOT_KEPT).end()),
    says: /engine.*could not be loaded/,
    code: 'worker-failed',
  },
  {
    name: 'a runtime that is not there',
    fault: on(/\.wasm$/, (_, __, response) => void response.writeHead(404, NOT_KEPT).end()),
    says: /\.wasm could not be downloaded: the host answered 404/,
    code: 'download-failed',
  },
  {
    name: 'a model file that is not there',
    fault: on(isModel, (_, __, response) => void response.writeHead(404, NOT_KEPT).end()),
    says: /model\.safetensors could not be downloaded: the host answered 404/,
    code: 'download-failed',
  },
  {
    name: 'a web page in the place of a model file',
    fault: on(isModel, (_, __, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Not found</title>');
    }),
    says: /model\.safetensors could not be downloaded: the host sent a web page in its place/,
    code: 'download-failed',
  },
  {
    name: 'one flipped byte in the weights',
    fault: on(isModel, async (_, __, response) => {
      const bytes = await readModel();
      bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1;
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(bytes);
    }),
    says: /model\.safetensors is not the file that the pack names \(its sha256 differs, twice\)/,
    code: 'hash-mismatch',
  },
  {
    name: 'a body that breaks off',
    fault: on(isModel, async (_, __, response) => {
      const bytes = await readModel();
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(bytes.subarray(0, 500_000));
    }),
    says: /model\.safetensors could not be downloaded: it broke off after 500000 of \d+ bytes/,
    code: 'download-failed',
  },
];

async function expectRetryWorks(page: Page): Promise<void> {
  // Of the engine's alert; panels may wait for their own files at the same time.
  const alert = page.getByRole('alert').filter({ has: page.getByRole('button', { name: 'Copy device report' }) });
  await alert.getByRole('button', { name: 'Try again' }).click();
  await expect(deviceStatus(page)).toContainText('CPU (wasm)', { timeout: 60_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
}

/** The alert with its sentence, code and report; nothing typed is lost. */
async function expectNamed(page: Page, { name, says, code }: Fault): Promise<void> {
  const alert = page.getByRole('alert');
  await expect(alert, name).toContainText(says, { timeout: 60_000 });
  await expect(alert, name).toContainText(`(${code})`);
  await expect(alert.getByRole('button', { name: 'Copy device report' })).toBeVisible();
  await expect(deviceStatus(page)).toContainText('not running');
  await expect(questionBox(page)).toHaveValue('Where is the Seine?');
}

test('an engine, a runtime or a model file that is missing, and one that is replaced, damaged or cut off, is named each time, and trying again works', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await questionBox(page).fill('Where is the Seine?');
  for (const [i, fault] of FAULTS.entries()) {
    build.setFault(fault.fault);
    await (i === 0 ? runButton(page) : page.getByRole('button', { name: 'Try again' })).click();
    await expectNamed(page, fault);
  }
  build.setFault(null);
  await expectRetryWorks(page);
  await ask(page, QUESTION);
});

test('a connection that is lost after the first paint is named, and works once it is back', async ({
  page,
  build,
  context,
}) => {
  await openWorkbench(page, build);
  await expect(runButton(page)).toBeEnabled();
  await context.setOffline(true);
  await runButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: /engine.*connection/i })).toBeVisible({ timeout: 60_000 });
  // Panels whose code had not come yet say so, and fetch it by themselves once they can.
  await context.setOffline(false);
  await expectRetryWorks(page);
});

/** Lets the engine's deadlines pass ten times as fast. */
const HASTY_TIMERS = `
const wait = self.setTimeout;
self.setTimeout = (task, ms, ...rest) => wait(task, ms / 10, ...rest);`;

test('a download that stalls can be stopped, and is given up by itself with an error', async ({ page, build }) => {
  await openWorkbench(page, build);
  const stall = on(isModel, async (_, __, response) => {
    response
      .writeHead(200, { 'Content-Type': 'application/octet-stream' })
      .write((await readModel()).subarray(0, 1000));
  });
  const hurry = prependToWorker(HASTY_TIMERS);
  build.setFault(async (...request) => (await hurry(...request)) || stall(...request));
  await runButton(page).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(deviceStatus(page)).toContainText('recorded results only');
  await runButton(page).click();
  await expect(page.getByRole('alert')).toContainText(/nothing arrived for 20 s/, { timeout: 90_000 });
  build.setFault(null);
  await expectRetryWorks(page);
});

test('a manifest that cannot be had is named, and can be read again', async ({ page, build }) => {
  build.setFault(on(/manifest\.json$/, (_, __, response) => void response.writeHead(404, NOT_KEPT).end()));
  await openWorkbench(page, build);
  const alert = page.getByRole('alert').filter({ hasText: 'manifest' });
  await expect(alert).toContainText('The host answered 404');
  build.setFault(null);
  await alert.getByRole('button', { name: 'Read the pack again' }).click();
  await expect(runButton(page)).toBeEnabled();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a second visit takes the model from the cache, and a damaged copy is fetched once more', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await runButton(page).click();
  await expect(deviceStatus(page)).toContainText('CPU (wasm)', { timeout: 60_000 });
  const start = async () => {
    await page.reload();
    build.requested.length = 0;
    await runButton(page).click();
    await expect(deviceStatus(page)).toContainText('CPU (wasm)', { timeout: 60_000 });
    return build.requested.filter((path) => isModel.test(path)).length;
  };
  expect(await start()).toBe(0);
  const damaged = await page.evaluate(async () => {
    let count = 0;
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const bytes = new Uint8Array((await (await cache.match(request))?.arrayBuffer()) ?? new ArrayBuffer(0));
        if (bytes.length < 1_000_000) continue;
        bytes[2000] = (bytes[2000] ?? 0) ^ 1;
        await cache.put(request, new Response(bytes));
        count++;
      }
    }
    return count;
  });
  expect(damaged).toBe(1);
  expect(await start()).toBe(1);
  expect(await start()).toBe(0);
});
