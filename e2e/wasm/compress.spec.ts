import { expect, test } from '../fixtures.ts';
import { ask, column, openWorkbench, QUESTION, runOnWasm } from '../workbench.ts';

const CALIBRATION = { samples: 64, seed: 1 };

test('calibrated methods run in the page, layer by layer, and the board answers for what they made', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await runOnWasm(page);
  const panel = page.getByRole('region', { name: 'Recipe' });
  const figures = panel.locator('dl');

  await test.step('SparseGPT prunes exactly half of the weights', async () => {
    await panel.getByRole('combobox', { name: 'Method' }).selectOption({ label: 'SparseGPT' });
    await expect(figures).toContainText(/Sparsity, linear weights\s*50\.0/, { timeout: 60_000 });
    await ask(page, QUESTION);
    await expect(column(page, 'Compressed')).toContainText(/P\(right answer\)/);
    await expect(column(page, 'IDP')).toContainText('transferred');
  });

  await test.step('GPTQ on top of it keeps the zeros, and packs four bits of what is left behind a mask', async () => {
    await panel.getByRole('button', { name: 'Then quantize' }).click();
    await panel.getByRole('combobox', { name: 'Step 2' }).selectOption({ label: 'GPTQ' });
    await expect(figures).toContainText(/Stored per linear weight\s*3\.6\d/, { timeout: 60_000 });
    await expect(figures).toContainText(/Sparsity, linear weights\s*5\d\.\d/);
  });

  await test.step('a slider that moves on while a variant is built gets its own variant', async () => {
    await panel.getByRole('button', { name: 'Remove step 2' }).click();
    const slider = panel.getByRole('slider', { name: 'Sparsity' });
    for (let i = 0; i < 5; i++) await slider.press('ArrowRight');
    await expect(figures).toContainText(/Sparsity, linear weights\s*55\.0/, { timeout: 60_000 });
  });
});

test('a link restores a recipe of two steps with a pattern and matrices left out', async ({ page, build }) => {
  const up = 'model.layers.0.mlp.up_proj';
  const recipe = {
    version: 1,
    steps: [
      { method: 'wanda', pattern: '2:4', calibration: CALIBRATION, exclude: [up] },
      { method: 'awq', bits: 4, groupSize: 32, symmetric: false, calibration: CALIBRATION },
    ],
  };
  await openWorkbench(page, build, { recipe });
  const panel = page.getByRole('region', { name: 'Recipe' });
  await expect(panel.getByRole('combobox', { name: 'Step 1' })).toHaveValue('wanda');
  await expect(panel.getByRole('combobox', { name: 'Step 2' })).toHaveValue('awq');
  await expect(panel.getByText('1 of 28 matrices apart')).toBeVisible();
  expect(new URL(page.url()).hash).toBe('');
  await runOnWasm(page);
  await expect(panel.locator('dl')).toContainText(/Stored per linear weight\s*3\.7\d/, { timeout: 60_000 });
});

test('a recipe that makes no sense is refused with field, value and rule, and loses nothing', async ({
  page,
  build,
}) => {
  const steps = [{ method: 'magnitude', sparsity: 3, granularity: 'global' }];
  await openWorkbench(page, build, { recipe: { version: 1, steps } });
  await expect(
    page.getByText(/part of the link could not be used.*sparsity is 3, where a number from 0 to 1 must stand/),
  ).toBeVisible();
  const panel = page.getByRole('region', { name: 'Recipe' });
  await expect(panel.getByRole('button', { name: /46 % pruned by magnitude/ })).toHaveAttribute('aria-pressed', 'true');
});
