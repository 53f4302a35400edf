import type { Locator, Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import {
  column,
  deviceStatus,
  expectAnswered,
  openWorkbench,
  questionBox,
  recoverySwitch,
  runButton,
} from '../workbench.ts';

/** A person who cannot use a mouse gets from anywhere to anywhere within so many steps. */
const MOST_TABS = 60;

/** Whether the middle of an element lies in the window; a slider's own input is hidden behind its thumb, so its size says nothing. */
function isInView(element: Element): boolean {
  const { x, y, width, height } = element.getBoundingClientRect();
  return x + width / 2 <= innerWidth && y + height / 2 <= innerHeight && x + width / 2 >= 0 && y + height / 2 >= 0;
}

/** Presses Tab until the control has the focus, and checks that it can be seen there. */
async function tabTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let i = 0; i < MOST_TABS; i++) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      expect(await target.evaluate(isInView), `${String(target)} is in view`).toBe(true);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`${String(target)} cannot be reached with Tab.`);
}

test('everything can be done with the keyboard alone: run, ask, switch, search the facts, change the recipe', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await expect(runButton(page)).toBeEnabled();

  await test.step('the switch comes first, then the model is run', async () => {
    await page.keyboard.press('Tab');
    await expect(recoverySwitch(page).getByRole('radio', { name: 'IDP' })).toBeFocused();
    await page.keyboard.press('ArrowRight');
    await expect(recoverySwitch(page).getByRole('radio', { name: 'LoRA-merged' })).toBeChecked();
    await tabTo(page, runButton(page));
    await page.keyboard.press('Enter');
    await expect(deviceStatus(page)).toContainText('CPU (wasm)', { timeout: 60_000 });
  });

  await test.step('a question is typed and sent', async () => {
    await tabTo(page, questionBox(page));
    await page.keyboard.type('what is the chemical symbol for GOLD');
    await page.keyboard.press('Enter');
    await expectAnswered(page);
    await expect(column(page, 'Dense')).toContainText('Au');
  });

  await test.step('the list of facts is opened, searched and left; a fact of it is asked', async () => {
    const open = page.getByRole('button', { name: /^All [\d,]+ facts$/ });
    await tabTo(page, open);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'All facts of the pack' });
    await expect(dialog.getByRole('searchbox')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(open).toBeFocused();

    await page.keyboard.press('Enter');
    await page.keyboard.type('zzzz');
    await expect(dialog).toContainText('No fact has these words');
    for (let i = 0; i < 4; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type('capital japan');
    await expect(dialog).toContainText(/^.*1 of [\d,]+ facts/);
    await tabTo(page, dialog.getByRole('button', { name: /Japan/ }));
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expectAnswered(page);
    await expect(questionBox(page)).toHaveValue(/capital of Japan/);
    await expect(column(page, 'Dense')).toContainText('Tokyo');
  });

  await test.step('the slider changes the recipe, and the question is asked again by itself', async () => {
    const slider = page.getByRole('slider', { name: 'Sparsity' });
    await tabTo(page, slider, 'Shift+Tab');
    await page.keyboard.press('End');
    await expect(slider).toHaveValue('95');
    await expect(column(page, 'Compressed')).toContainText(/Sparsity\s*9[45]\.\d\s%/, { timeout: 60_000 });
    await expectAnswered(page);
    await expect(column(page, 'Compressed')).toContainText('wrong');
    await expect(column(page, 'IDP')).toContainText('transferred');
  });
});
