import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { choose, copyLink, figure, openWorkbench } from '../workbench.ts';

async function expectChosen(page: Page): Promise<void> {
  const chosen = (group: string, name: string) =>
    page.getByRole('radiogroup', { name: group, exact: true }).getByRole('radio', { name, exact: true, checked: true });
  await expect(chosen('Compared by', 'First token')).toBeAttached();
  await expect(chosen('Repair', 'LoRA-merged')).toBeAttached();
  await expect(figure(page, 'Accuracy').getByRole('table')).toBeVisible();
  await expect(page.getByRole('tabpanel').getByRole('button', { pressed: true })).toHaveCount(1);
}

test('a link shows the figures as they were: tables, what is compared by what, the repair and the cell looked into', async ({
  page,
  browser,
  context,
  build,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openWorkbench(page, build, { recipe: null, tab: 'transfer' });
  await choose(page, 'Repair', 'LoRA-merged');
  await choose(page, 'Compared by', 'First token');
  await choose(page, 'Accuracy: shown as', 'Table');
  await page.getByRole('tabpanel').getByRole('table').getByRole('button').first().click();
  await expectChosen(page);
  const link = await copyLink(page);

  const others = await browser.newContext();
  const reader = await others.newPage();
  await reader.goto(link);
  await expectChosen(reader);
  await reader.reload();
  await expectChosen(reader);
  await others.close();
});
