import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { choose, openWorkbench, runOnWasm } from '../workbench.ts';

/** Takes everything out of the plan but one level of a method. */
async function planOnly(page: Page, method: string, wanted: RegExp): Promise<void> {
  const plan = page.getByRole('tabpanel');
  await plan.getByText(/^All \d+ of the pack/).click();
  const levels = plan.getByRole('button', { name: /^[\d.]+\s(%|bit)$/, pressed: true });
  while ((await levels.count()) > 0) await levels.first().click();
  await plan.getByRole('toolbar', { name: method }).getByRole('button', { name: wanted }).click();
}

test('a sweep runs what is planned and draws it as measured here, with intervals', async ({ page, build }) => {
  await openWorkbench(page, build);
  await runOnWasm(page);
  await planOnly(page, 'Magnitude', /^56\s%$/);
  await choose(page, 'Items per recipe and regime', '50');
  await page.getByRole('button', { name: 'Run this sweep: 5 measurements' }).click();
  await expect(page.getByText(/^Done: [\d,]+ items\.$/)).toBeVisible({ timeout: 120_000 });
  const plot = page.getByRole('figure', { name: 'Magnitude', exact: true });
  for (const regime of ['Compressed', 'Prompt', 'IDP', 'LoRA-merged']) {
    await expect(
      plot.getByRole('button', { name: new RegExp(`^${regime}, .*: [\\d.]+\\s%, 95\\s% interval .*, measured here$`) }),
    ).toHaveCount(1);
  }
  await plot.getByRole('button').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(plot.getByRole('button').nth(0)).not.toBeFocused();
});
