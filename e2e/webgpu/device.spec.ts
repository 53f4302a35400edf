import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { prependToWorker } from '../prepend-to-worker.ts';
import {
  ask,
  column,
  deviceStatus,
  engineWorkers,
  expectAnswered,
  figure,
  openWorkbench,
  QUESTION,
  readTable,
  runOnWebgpu,
} from '../workbench.ts';

/** Keeps the devices that the engine opens where a test can take them away. */
const KEEP_DEVICES = `
const requestDevice = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...descriptor) {
  self.openedDevice = await requestDevice.apply(this, descriptor);
  return self.openedDevice;
};`;

async function loseDevice(page: Page): Promise<void> {
  await engineWorkers(page)
    .at(-1)
    ?.evaluate(() => (globalThis as unknown as { openedDevice: GPUDevice }).openedDevice.destroy());
}

async function countItems(page: Page): Promise<number> {
  return Number((await readTable(page, 'Accuracy'))[0]?.[4]) || 0;
}

test('a calibrated method runs on WebGPU; a device lost in mid-run is opened anew, and after three losses the CPU takes over', async ({
  page,
  build,
}) => {
  test.setTimeout(420_000);
  build.setFault(prependToWorker(KEEP_DEVICES));
  // Two regimes: a device that is opened anew has to make every regime ready again, and software takes its time over each.
  await openWorkbench(page, build, { shown: ['dense', 'compressed'] });
  await runOnWebgpu(page);

  await test.step('what a calibrated method made in the page passes its self-test and answers', async () => {
    const panel = page.getByRole('region', { name: 'Recipe' });
    await panel.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Wanda' });
    await expect(panel.locator('dl')).toContainText(/Sparsity, linear weights\s*50\.0/, { timeout: 60_000 });
    await ask(page, QUESTION, ['Dense', 'Compressed']);
    await expect(column(page, 'Compressed')).toContainText(/P\(right answer\)\s*<?\s?[\d.]+\s%/);
    await expect(deviceStatus(page)).toContainText('WebGPU');
    await expect(panel.getByRole('alert')).toHaveCount(0);
    await panel.getByRole('button', { name: /46 % pruned by magnitude/ }).click();
    await expectAnswered(page, ['Dense', 'Compressed']);
  });

  const accuracy = figure(page, 'Accuracy');
  await accuracy.getByRole('button', { name: 'Score 40 items per regime' }).click();
  await expect.poll(() => countItems(page), { timeout: 120_000 }).toBeGreaterThan(0);
  const before = await countItems(page);

  await loseDevice(page);
  await expect(page.getByText(/Starting again, attempt 1/)).toBeVisible();
  await expect(column(page, 'Dense')).toContainText('Paris');
  await expect(deviceStatus(page)).toContainText('WebGPU', { timeout: 150_000 });
  await expect.poll(() => countItems(page), { timeout: 150_000 }).toBeGreaterThan(before);

  await loseDevice(page);
  await expect(page.getByText(/Starting again, attempt 2/)).toBeVisible();
  await expect(deviceStatus(page)).toContainText('WebGPU', { timeout: 150_000 });
  await loseDevice(page);
  await expect(page.getByRole('note').getByText(/Fell back to wasm: the WebGPU device failed three times/)).toBeVisible(
    {
      timeout: 150_000,
    },
  );
  await expect(deviceStatus(page)).toContainText('CPU (wasm)');
  await expect(column(page, 'Dense')).toContainText('Paris');
  // The run goes on by itself where it can be finished.
  await expect(accuracy).toContainText(/Done: [\d,]+ items\./, { timeout: 120_000 });
});
