import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { ask, choose, expectNoSidewaysScroll, openWorkbench, QUESTION, runOnWasm } from '../workbench.ts';

const SIZES = [
  { width: 1440, height: 1000 },
  { width: 390, height: 844 },
] as const;

const NARROWEST = { width: 320, height: 640 };

/** A task with few documents, as a link holds it. */
const TASK = { id: 'atlas-choice', seed: 1, limit: 40, metric: null, groupBy: 'relation' };

/** Rules that look at colours; what the others find is the same in light and dark. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** What axe finds in the page or a part of it, by these rules or by all, short enough to read in a report. */
async function findFaults(page: Page, part = 'html', rules: readonly string[] | null = null): Promise<string[]> {
  // Naming everything that passes takes most of the time, and a document without frames needs no second page to finish in.
  const axe = new AxeBuilder({ page })
    .include(part)
    .options({ resultTypes: ['violations'] })
    .setLegacyMode();
  const { violations } = await (rules === null ? axe : axe.withRules([...rules])).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

/** In light and dark, wide and narrow. */
async function expectNoFaults(page: Page, state: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const faults = await findFaults(page, 'html', colorScheme === 'light' ? null : COLOUR_RULES);
      expect(faults, `${state}, ${colorScheme}, ${size.width} pixels`).toEqual([]);
    }
  }
}

test('axe finds nothing in light and dark, wide and narrow, before and after a run and in the list of facts, and at 320 pixels nothing scrolls sideways', async ({
  page,
  build,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.setViewportSize(NARROWEST);
  await openWorkbench(page, build);
  await expect(page.getByRole('button', { name: /^All [\d,]+ facts$/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Fact map/ })).toBeVisible();
  await expectNoSidewaysScroll(page);
  await expectNoFaults(page, 'first paint');
  await page.setViewportSize(SIZES[0]);
  await runOnWasm(page);
  await ask(page, QUESTION);
  await page.getByText(/^Choose regimes/).click();
  await expectNoFaults(page, 'answered');
  await page.setViewportSize(NARROWEST);
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: /Large type/ }).click();
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: /Large type/ }).click();
  await page.getByRole('button', { name: /^All [\d,]+ facts$/ }).click();
  await expectNoFaults(page, 'list of facts');
});

test('axe finds nothing in the tab of tasks, with figures, a preview and a task of one’s own, and it fits 320 pixels', async ({
  page,
  build,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openWorkbench(page, build, { tab: 'tasks', task: TASK });
  await runOnWasm(page);
  await page.getByRole('button', { name: 'Ask every regime' }).click();
  await page.getByText('First prompts, as the model reads them').click();
  await page.getByText('Paste documents instead').click();
  await page.getByLabel('One JSON object a line').fill('{"question":"Who?","answer":"I"}');
  await page.getByRole('button', { name: 'Read these lines' }).click();
  await expect(page.getByRole('button', { name: 'Add this task' })).toBeVisible();
  await expect(page.getByText(/^Done: all [\d,]+ answers are here\.$/)).toBeVisible({ timeout: 120_000 });
  await expectNoFaults(page, 'tasks');
  await page.setViewportSize(NARROWEST);
  await expectNoSidewaysScroll(page);
});

test('axe finds nothing in the tabs of times, sweeps and transfer, and they fit 320 pixels', async ({
  page,
  build,
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openWorkbench(page, build);
  for (const name of ['Latency', 'Sweep', 'Transfer']) {
    await page.setViewportSize(SIZES[0]);
    await page.getByRole('tab', { name }).click();
    const panel = page.getByRole('tabpanel', { name });
    await expect(panel.getByRole('figure').or(panel.getByRole('table')).first()).toBeVisible();
    for (const [i, colorScheme] of (['light', 'dark'] as const).entries()) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(SIZES[i] ?? SIZES[0]);
      expect(await findFaults(page, '[role=tabpanel]'), `${name}, ${colorScheme}`).toEqual([]);
    }
    await page.setViewportSize(NARROWEST);
    await expectNoSidewaysScroll(page);
  }
});

test('axe finds nothing in any view of the inside, and they fit 320 pixels', async ({ page, build }) => {
  test.setTimeout(240_000);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await openWorkbench(page, build, { tab: 'inside', question: QUESTION, inside: { items: 20 } });
  await runOnWasm(page);
  const panel = page.getByRole('tabpanel', { name: 'Inside' });
  for (const [view, start] of [
    ['Attention', null],
    ['Distance', 'Compare on 20 questions'],
    ['Answer by layer', null],
    ['Routing', 'Ask every prompt'],
    ['Weights', null],
    ['Patching', 'Patch every place'],
  ] as const) {
    await choose(page, 'View', view);
    if (start !== null) await panel.getByRole('button', { name: start, exact: true }).click();
    await expect(panel.getByText(/Measured in this browser/).first()).toBeVisible({ timeout: 60_000 });
    await expect(panel.getByRole('button', { name: 'Stop' })).toBeHidden({ timeout: 60_000 });
    for (const [i, colorScheme] of (['light', 'dark'] as const).entries()) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(SIZES[i] ?? SIZES[0]);
      expect(await findFaults(page, '[role=tabpanel]'), `${view}, ${colorScheme}`).toEqual([]);
    }
    await page.setViewportSize(NARROWEST);
    await expectNoSidewaysScroll(page);
    await page.setViewportSize(SIZES[0]);
  }
});
