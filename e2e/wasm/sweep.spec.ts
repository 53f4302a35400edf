import { expect, test } from '../fixtures.ts';
import { openWorkbench, runOnWasm } from '../workbench.ts';

/** As a link holds it: the regimes and items, and nothing to compress by yet. */
const PLAN = {
  withShipped: false,
  methods: [],
  regimes: ['compressed', 'prompt', 'idp', 'lora-merged'],
  itemsPerRegime: 50,
};

test('a sweep runs what is planned and draws it as measured here, with intervals, and goes on after a reload', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build, { sweep: PLAN });
  await page.getByRole('tab', { name: 'Sweep' }).click();
  // The recorded sweep is there before anything runs.
  await expect(page.getByRole('figure', { name: 'Damage by level' })).toContainText(/recorded on/);
  await runOnWasm(page);
  const levels = page.getByRole('toolbar', { name: 'Magnitude' });
  await levels.getByRole('button', { name: /^56\s%$/ }).click();
  await page.getByRole('button', { name: 'Run this sweep: 5 measurements' }).click();
  await expect(page.getByText(/^Done: [\d,]+ items\.$/)).toBeVisible({ timeout: 120_000 });
  const plot = page.getByRole('figure', { name: 'Magnitude', exact: true });
  for (const regime of ['Compressed', 'Prompt', 'IDP', 'LoRA-merged']) {
    await expect(
      plot.getByRole('button', { name: new RegExp(`^${regime}, .*: [\\d.]+\\s%, 95\\s% interval .*, measured here$`) }),
    ).toHaveCount(1);
  }
  const lora = plot.getByRole('button', { name: /^LoRA-merged, .*, measured here$/ });
  await expect(lora).toHaveAccessibleName(/points against no repair \[.*\], (un)?decided, /);
  await expect(page.getByRole('figure', { name: 'Damage by level' })).toContainText(
    /the 4 declared comparisons of the sweep measured here/,
  );
  await plot.getByRole('button').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(plot.getByRole('button').nth(0)).not.toBeFocused();

  await test.step('a reload in the middle keeps what is measured, and only the rest is measured after it', async () => {
    const before = (await lora.getAttribute('aria-label')) ?? '';
    await levels.getByRole('button', { name: /^70\s%$/ }).click();
    await page.getByRole('button', { name: 'Go on with this sweep: 4 of 9 measurements left' }).click();
    const plan = page.getByRole('region', { name: 'Plan' });
    await expect(plan.getByRole('button', { name: 'Stop' })).toBeVisible();
    await page.reload();
    await page.getByRole('tab', { name: 'Sweep' }).click();
    // Known before the model is there again.
    const rest = page.getByRole('button', { name: /^Go on with this sweep: [1-4] of 9 measurements left$/ });
    await expect(rest).toBeDisabled();
    await expect(lora).toHaveCount(1);
    // What was measured is there at once, its tests when they are computed.
    await expect(lora).toHaveAttribute('aria-label', before);
    await runOnWasm(page);
    await rest.click();
    // The 5 measurements of 50 items each are where it begins.
    const first = await plan
      .getByText(/^\d+ of 450 items$/)
      .first()
      .textContent();
    expect(Number.parseInt(first ?? '', 10)).toBeGreaterThanOrEqual(250);
    await expect(page.getByText('Done: 450 items.')).toBeVisible({ timeout: 120_000 });
    await expect(page.getByRole('button', { name: 'All of this sweep was measured here' })).toBeDisabled();
    await expect(plot.getByRole('button', { name: /^LoRA-merged, .*, measured here$/ })).toHaveCount(2);
  });
});
