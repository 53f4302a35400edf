import { expect, test } from '../fixtures.ts';
import { expectAnswered, openWorkbench, questionBox, runOnWasm } from '../workbench.ts';

test('the verdict is there at first sight, and every fact can be looked at and asked', async ({ page, build }) => {
  await openWorkbench(page, build);
  const verdict = page.getByRole('region', { name: 'Forgotten or displaced?' });
  await expect(
    verdict.getByText(/^IDP brought back [\d,]+ of [\d,]+ lost facts it never saw \[\d+, \d+\] and \d+ it did: /),
  ).toBeVisible();
  await expect(verdict.getByText('Rule:')).toBeVisible();
  await expect(verdict.getByRole('region', { name: 'The paper, and this model' })).toContainText(
    'LoRA r=8: 15.2 times fewer',
  );

  const figure = page.getByRole('figure', { name: 'Fact map', exact: true });
  const map = figure.getByRole('button', { name: /^Fact map, 2,992 facts/ });
  const spoken = figure.getByRole('status').filter({ hasText: /Dense \d of 3 right/ });
  await map.focus();
  await expect(spoken).toHaveText(/^.+, .+: .+\. (kept|displaced|relearned|lost|broken|never known)\. Dense/);
  const first = await spoken.textContent();
  await page.keyboard.press('ArrowRight');
  await expect(spoken).not.toHaveText(first ?? '');
  await page.keyboard.press('PageDown');
  await page.keyboard.press('End');
  const byKeyboard = await spoken.textContent();

  const box = await map.boundingBox();
  if (box === null) throw new Error('the map has no place');
  await map.hover({ position: { x: box.width - 150, y: 5 } });
  await expect(spoken).not.toHaveText(byKeyboard ?? '');

  const displaced = figure.getByRole('button', { name: /^displaced [\d,]+$/ });
  await displaced.click();
  await expect(displaced).toHaveAttribute('aria-pressed', 'false');
  await displaced.click();

  await runOnWasm(page);
  await map.focus();
  await page.keyboard.press('Home');
  // The model runs, so the fact that is looked at is asked.
  await expect(figure.getByText('Asked on your device as you look.')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(figure.getByText('asked on the board.')).toBeVisible();
  await expect(questionBox(page)).not.toHaveValue('');
  await expectAnswered(page);
});
