import { expect, test } from '../fixtures.ts';
import { figure, openWorkbench, readTable, runOnWasm } from '../workbench.ts';

test('two tabs that score the same questions at once both end, agree, and leave every answer to the next visit', async ({
  page,
  context,
  build,
}) => {
  const tabs = [page, await context.newPage()];
  for (const tab of tabs) {
    await openWorkbench(tab, build, { shown: ['dense', 'compressed'] });
    await runOnWasm(tab);
  }
  for (const tab of tabs) {
    await figure(tab, 'Accuracy').getByRole('button', { name: 'Score 200 items per regime' }).click();
  }
  for (const tab of tabs) {
    // A tab in the background is slowed down by the browser, not stopped.
    await tab.bringToFront();
    await expect(figure(tab, 'Accuracy')).toContainText(/Done: [\d,]+ items\./, { timeout: 120_000 });
    await expect
      .poll(async () => new Set((await readTable(tab, 'Accuracy')).map((cells) => cells[4])))
      .toEqual(new Set(['200']));
  }
  const [first = [], second = []] = await Promise.all(tabs.map((tab) => readTable(tab, 'Accuracy')));
  expect(first.map((cells) => cells.slice(0, 5))).toEqual(second.map((cells) => cells.slice(0, 5)));
  await page.reload();
  await expect(figure(page, 'Accuracy')).toContainText(/measured here on/);
  await expect
    .poll(async () => (await readTable(page, 'Accuracy')).map((cells) => cells.slice(0, 5)))
    .toEqual(first.map((cells) => cells.slice(0, 5)));
});
