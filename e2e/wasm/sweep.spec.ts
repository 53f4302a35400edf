import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { choose, openWorkbench, runOnWasm } from '../workbench.ts';

/** Takes every level out of the plan but one. */
async function planOnly(page: Page, wanted: RegExp): Promise<void> {
  const levels = page.getByRole('tabpanel').getByRole('button', { name: /\s(%|bit)$/ });
  for (const level of await levels.all()) {
    const isPlanned = (await level.getAttribute('aria-pressed')) === 'true';
    const isWanted = wanted.test((await level.getAttribute('aria-label')) ?? '');
    if (isPlanned !== isWanted) await level.click();
  }
}

test('a sweep runs what is planned and draws it as measured here, with intervals', async ({ page, build }) => {
  await openWorkbench(page, build);
  await runOnWasm(page);
  await planOnly(page, /^Magnitude\s56\s%$/);
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
