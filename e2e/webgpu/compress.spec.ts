import { expect, test } from '../fixtures.ts';
import { ask, column, deviceStatus, openWorkbench, QUESTION, runOnWebgpu } from '../workbench.ts';

test('a calibrated method runs in the page on WebGPU, and what it made passes its self-test and answers', async ({
  page,
  build,
}) => {
  // Two regimes: every further one takes a GPU in software its time.
  await openWorkbench(page, build, { shown: ['dense', 'compressed'] });
  await runOnWebgpu(page);
  const panel = page.getByRole('region', { name: 'Recipe' });
  await panel.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'Wanda' });
  await expect(panel.locator('dl')).toContainText(/Sparsity, linear weights\s*50\.0/, { timeout: 60_000 });
  await ask(page, QUESTION, ['Dense', 'Compressed']);
  await expect(column(page, 'Compressed')).toContainText(/P\(right answer\)\s*<?\s?[\d.]+\s%/);
  await expect(deviceStatus(page)).toContainText('WebGPU');
  await expect(panel.getByRole('alert')).toHaveCount(0);
});
