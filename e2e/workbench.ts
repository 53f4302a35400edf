import { type Download, expect, type Locator, type Page, type Worker } from '@playwright/test';
import type { ServedBuild } from './serve-build.ts';

/** Compiling the shaders of a device in software takes this long at worst, on a machine that does other things too. */
const START_TIMEOUT_MS = 150_000;

/** The regimes of the board at first, by the names that people read. */
export const FIRST_REGIMES = ['Dense', 'Compressed', 'Prompt', 'IDP', 'LoRA-merged'] as const;

/** A question that the dense model answers rightly. */
export const QUESTION = 'What is the capital of France?';
export const ANSWER = 'Paris';

/** Opens the page, by a link with these settings where there are any. */
export async function openWorkbench(page: Page, build: ServedBuild, linked?: Record<string, unknown>): Promise<void> {
  const fragment = linked ? `#v1=${Buffer.from(JSON.stringify(linked)).toString('base64url')}` : '';
  await page.goto(`${build.url}${fragment}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Recall Lab' })).toBeVisible();
}

export function runButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Run live on your GPU' });
}

/** The status line of the header. */
export function deviceStatus(page: Page): Locator {
  return page.getByRole('banner').getByRole('status').filter({ hasText: 'Device:' });
}

/** One click: the page itself chooses the CPU where there is no hardware GPU. */
export async function runOnWasm(page: Page): Promise<void> {
  await runButton(page).click();
  await expect(deviceStatus(page)).toContainText('CPU (wasm)', { timeout: START_TIMEOUT_MS });
}

/** From the CPU that the page chose to WebGPU in software, by the page's own control. */
export async function runOnWebgpu(page: Page): Promise<void> {
  await runOnWasm(page);
  await page.getByRole('button', { name: 'Run on WebGPU anyway' }).click();
  await expect(deviceStatus(page)).toContainText('WebGPU', { timeout: START_TIMEOUT_MS });
}

/** One regime's column of the board. */
export function column(page: Page, regime: string): Locator {
  return page.getByRole('article', { name: new RegExp(`^${regime}\\s*(, highlighted)?$`) });
}

export function questionBox(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Question to every regime' });
}

/** Takes a segment of a segmented control; its radio is drawn over by its label, so that is what is clicked. */
export async function choose(page: Page, group: string, label: string): Promise<void> {
  await page.getByRole('radiogroup', { name: group }).getByText(label, { exact: true }).last().click();
}

/** Types a question, sends it with Enter and waits for the last answer of the regimes shown. */
export async function ask(page: Page, text: string, shown: readonly string[] = FIRST_REGIMES): Promise<void> {
  await questionBox(page).fill(text);
  await questionBox(page).press('Enter');
  await expectAnswered(page, shown);
}

/** Every column shown has its answer. */
export async function expectAnswered(page: Page, shown: readonly string[] = FIRST_REGIMES): Promise<void> {
  await expect(page.getByRole('button', { name: 'Ask all regimes' })).toBeVisible({ timeout: START_TIMEOUT_MS });
  for (const regime of shown) {
    await expect(column(page, regime)).toContainText(/right|wrong|\(empty answer\)/, { timeout: START_TIMEOUT_MS });
  }
}

type FigureTitle =
  | 'Accuracy'
  | 'Latency'
  | 'Paired comparisons'
  | `${'Accuracy' | 'Latency'}, ${'imported' | 'recorded' | 'measured here'}`;

/** The figure with this title. */
export function figure(page: Page, title: FigureTitle): Locator {
  return page.getByRole('figure', { name: title, exact: true });
}

/** The figure's numbers as its table twin has them, row by row. */
export async function readTable(page: Page, title: FigureTitle): Promise<string[][]> {
  await choose(page, `${title}: shown as`, 'Table');
  const rows = figure(page, title).getByRole('table').getByRole('row');
  const cells = await rows.evaluateAll((found) =>
    found.map((row) => [...row.children].map((cell) => (cell.textContent ?? '').trim())),
  );
  return cells.slice(1);
}

/** The panel of what leaves the page and comes to it. */
export function sharePanel(page: Page): Locator {
  return page.getByRole('region', { name: 'Take it with you' });
}

/** How long a press may take to be answered before it is made again. */
const PRESS_TIMEOUT_MS = 15_000;

/**
 * Presses a button until what it brings about is there. A press counts only where it ends on the button: panels that arrive above may move it in
 * between.
 */
async function press<Answer>(button: Locator, answered: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      const [answer] = await Promise.all([answered(), button.click()]);
      return answer;
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

/** Takes along what one of its buttons writes. */
export async function saveShared(page: Page, button: string): Promise<Download> {
  return press(sharePanel(page).getByRole('button', { name: button }), () =>
    page.waitForEvent('download', { timeout: PRESS_TIMEOUT_MS }),
  );
}

/** Gives files to the page by its file dialog. */
export async function bringFiles(
  page: Page,
  files: { name: string; mimeType: string; buffer: Buffer }[],
): Promise<void> {
  const chooser = await press(sharePanel(page).getByRole('button', { name: 'Choose files' }), () =>
    page.waitForEvent('filechooser', { timeout: PRESS_TIMEOUT_MS }),
  );
  await chooser.setFiles(files);
}

/** The link that the page copies; its context must be allowed to read the clipboard. */
export async function copyLink(page: Page): Promise<string> {
  await page.getByRole('banner').getByRole('button', { name: 'Copy link' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The switch IDP | LoRA-merged; other choices bear the same words. */
export function recoverySwitch(page: Page): Locator {
  return page.getByRole('radiogroup', { name: 'Recovery', exact: true });
}

/** Workers that run the model; statistics have workers of their own. */
export function engineWorkers(page: Page): Worker[] {
  return page.workers().filter((worker) => worker.url().includes('engine.worker'));
}

/** The page is no wider than its window, once what measures itself has been laid out anew. */
export async function expectNoSidewaysScroll(page: Page, what = 'the page'): Promise<void> {
  const excess = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(excess, { message: `${what} is wider than its window` }).toBeLessThanOrEqual(0);
}
