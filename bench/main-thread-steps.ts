import type { Page } from '@playwright/test';
import type { ServedBuild } from '../e2e/serve-build.ts';
import { choose, QUESTION, questionBox, runButton } from '../e2e/workbench.ts';

/** Of the page's window, in pixels. */
export const WINDOW_HEIGHT = 1000;
const SLIDER_MOVES = 10;
const MAP_MOVES = 300;
const MAP_KEYS = 50;
/** Some points of a sweep, of a sensitivity map or of a run come in meanwhile. */
const RUN_MS = 20_000;
const WAIT_TIMEOUT_MS = 300_000;
/** What a step leaves behind (an answer, a chart) is drawn by then. */
const REST_MS = 3000;
/** The page waits for a form to rest before it builds. */
const FORM_REST_MS = 1000;

type Act = (page: Page, served: ServedBuild) => Promise<void>;

/** What a person does in the page, in this order. */
export const STEPS: readonly (readonly [step: string, act: Act])[] = [
  ['open the page', openPage],
  ['load the model', loadModel],
  ['ask a question', ask],
  ['every shipped recipe, and the first again', changeRecipe],
  // While the recipe is a shipped one: only those have a recorded map.
  [`fact map: ${MAP_MOVES} moves of the pointer, ${MAP_KEYS} arrow keys, every type of repair`, lookOverFacts],
  [`magnitude: ${SLIDER_MOVES} moves of the slider`, moveSlider],
  ['Wanda', (page) => build(page, 'Wanda')],
  ['SparseGPT', (page) => build(page, 'SparseGPT')],
  ['Neurons', (page) => build(page, 'Neurons')],
  ['Heads', (page) => build(page, 'Heads')],
  ['GPTQ', (page) => build(page, 'GPTQ')],
  ['AWQ', (page) => build(page, 'AWQ')],
  ['RTN: 4 changes of bits', changeBits],
  ['export both folders', exportModel],
  ['score 200 items a regime', score],
  ['take tables, charts and the run away', takeAway],
  ['open every tab', openTabs],
  [`a task, for ${RUN_MS / 1000} s at most`, runTask],
  [`${RUN_MS / 1000} s of a sweep`, sweep],
  [`${RUN_MS / 1000} s of a sensitivity map`, measureSensitivity],
  ['inside: attention of every layer and head', lookAtAttention],
  ['inside: distances over 40 questions', measureDistances],
  ['inside: the answer by layer', (page) => openView(page, 'Answer by layer')],
  ['inside: what every prompt says, of one question and of 40', askPool],
  ['inside: weights of 4 layers', lookAtWeights],
  ['inside: patch every place', patch],
];

const recipe = (page: Page) => page.getByRole('region', { name: 'Recipe' });

const clickButton = (page: Page, name: RegExp) => page.getByRole('button', { name }).click();

const openTab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true }).click();

/** Waits in the page at long intervals: a driver that looks by roles all the time would be the longest task itself. */
const until = (page: Page, isDone: () => boolean) =>
  page.waitForFunction(isDone, null, { polling: 1000, timeout: WAIT_TIMEOUT_MS });

const untilNothingRuns = (page: Page) => until(page, () => document.querySelector('[role=progressbar]') === null);

async function openPage(page: Page, { url }: ServedBuild): Promise<void> {
  await page.goto(url);
  await page.waitForTimeout(REST_MS);
}

async function loadModel(page: Page): Promise<void> {
  await runButton(page).click();
  await until(page, () => document.querySelector('header [role=status]')?.textContent?.includes('CPU (wasm)') === true);
  await page.waitForTimeout(REST_MS);
}

async function ask(page: Page): Promise<void> {
  await questionBox(page).fill(QUESTION);
  await page.keyboard.press('Enter');
  await until(page, () => {
    const columns = [...document.querySelectorAll('article')];
    return columns.length > 0 && columns.every(({ textContent }) => textContent?.includes('P(right answer)'));
  });
}

async function changeRecipe(page: Page): Promise<void> {
  const shipped = recipe(page).getByRole('listitem').getByRole('button');
  const count = await shipped.count();
  for (let i = 1; i <= count; i++) {
    await shipped.nth(i % count).click();
    await page.waitForTimeout(FORM_REST_MS);
    await untilNothingRuns(page);
    await page.waitForTimeout(REST_MS);
  }
}

async function moveSlider(page: Page): Promise<void> {
  await recipe(page).getByRole('slider', { name: 'Sparsity' }).focus();
  for (let i = 0; i < SLIDER_MOVES; i++) {
    await page.keyboard.press('ArrowRight');
    // Longer than the page waits for a slider to rest: each move is an edit of its own.
    await page.waitForTimeout(300);
  }
  await page.waitForTimeout(REST_MS);
}

async function build(page: Page, method: string): Promise<void> {
  await recipe(page).getByRole('combobox', { name: 'Method' }).selectOption({ label: method });
  await page.waitForTimeout(FORM_REST_MS);
  await untilNothingRuns(page);
  await page.waitForTimeout(REST_MS);
}

async function changeBits(page: Page): Promise<void> {
  await build(page, 'RTN');
  for (const bits of ['8', '3', '2', '4']) {
    await choose(page, 'Bits per weight', bits);
    await page.waitForTimeout(FORM_REST_MS);
  }
}

async function exportModel(page: Page): Promise<void> {
  for (const folder of [/^Compressed checkpoint/, /^ONNX folder/]) {
    const download = page.waitForEvent('download');
    await recipe(page).getByRole('button', { name: folder }).click();
    await download;
  }
}

async function score(page: Page): Promise<void> {
  await clickButton(page, /^Score 200 items/);
  await page.waitForTimeout(FORM_REST_MS);
  await untilNothingRuns(page);
  await page.waitForTimeout(REST_MS);
}

async function takeAway(page: Page): Promise<void> {
  const panel = page.getByRole('region', { name: 'Take it with you' });
  for (const file of ['All tables, CSV', 'Charts, SVG', 'Charts, PNG', 'Results and samples', 'This run, JSON']) {
    const download = page.waitForEvent('download');
    await panel.getByRole('button', { name: file, exact: true }).click();
    await download;
  }
}

async function openTabs(page: Page): Promise<void> {
  for (const tab of ['Tasks', 'Latency', 'Sweep', 'Transfer', 'Facts']) {
    await openTab(page, tab);
    await page.waitForTimeout(REST_MS);
  }
}

/** Fact by fact over the cells that stand in the window. */
async function lookOverFacts(page: Page): Promise<void> {
  await openTab(page, 'Facts');
  const figure = page.getByRole('figure', { name: 'Fact map' });
  const map = figure.getByRole('button', { name: /^Fact map/ });
  await map.evaluate((button) => button.scrollIntoView({ block: 'center' }));
  const box = await map.boundingBox();
  if (box === null) throw new Error('the fact map has no place');
  const { width } = box;
  // Sideways in the right half, where the cells are, down through the window's middle half.
  for (let i = 0; i < MAP_MOVES; i++) {
    await page.mouse.move(
      box.x + width * (0.5 + ((i * 7) % 100) / 200),
      WINDOW_HEIGHT * (0.25 + (0.5 * i) / MAP_MOVES),
    );
  }
  await map.focus();
  for (let i = 0; i < MAP_KEYS; i++) await page.keyboard.press(i % 5 === 0 ? 'ArrowDown' : 'ArrowRight');
  for (const repair of ['Prompt', 'LoRA-merged', 'Prefix', 'IDP, apart', 'LoRA r=1', 'IDP']) {
    await choose(page, 'Type of repair', repair);
    await page.waitForTimeout(FORM_REST_MS);
  }
  await page.waitForTimeout(REST_MS);
}

async function runTask(page: Page): Promise<void> {
  await openTab(page, 'Tasks');
  await clickButton(page, /^Ask every regime/);
  await stopLater(page, 'Tasks');
}

async function sweep(page: Page): Promise<void> {
  await openTab(page, 'Sweep');
  await clickButton(page, /^Run this sweep/);
  await stopLater(page, 'Sweep');
}

async function measureSensitivity(page: Page): Promise<void> {
  await clickButton(page, /^Measure the page’s recipe here/);
  await stopLater(page, 'Sweep');
}

const inside = (page: Page) => page.getByRole('tabpanel', { name: 'Inside' });

async function openView(page: Page, view: string): Promise<void> {
  await choose(page, 'View', view);
  await page.waitForTimeout(REST_MS);
}

async function lookAtAttention(page: Page): Promise<void> {
  await openTab(page, 'Inside');
  await openView(page, 'Attention');
  for (const group of ['Layer', 'Head']) {
    for (const place of ['2', '3', '4', '1']) {
      await choose(page, group, place);
      await page.waitForTimeout(FORM_REST_MS);
    }
  }
}

async function measureDistances(page: Page): Promise<void> {
  await openView(page, 'Distance');
  await runInside(page, 'Compare on 40 questions');
}

async function askPool(page: Page): Promise<void> {
  await openView(page, 'Routing');
  for (const name of ['Ask every prompt', 'Ask every prompt of IDP 40 questions']) await runInside(page, name);
}

async function lookAtWeights(page: Page): Promise<void> {
  await openView(page, 'Weights');
  for (const layer of ['2', '3', '4', '1']) {
    await choose(page, 'Layer', layer);
    await page.waitForTimeout(FORM_REST_MS);
  }
}

async function patch(page: Page): Promise<void> {
  await openView(page, 'Patching');
  await runInside(page, 'Patch every place');
}

async function runInside(page: Page, name: string): Promise<void> {
  await inside(page).getByRole('button', { name, exact: true }).click();
  await page.waitForTimeout(FORM_REST_MS);
  await untilNothingRuns(page);
  await page.waitForTimeout(REST_MS);
}

async function stopLater(page: Page, tab: string): Promise<void> {
  await page.waitForTimeout(RUN_MS);
  // A run that is done by then has nothing to stop.
  const stop = page.getByRole('tabpanel', { name: tab }).getByRole('button', { name: 'Stop', exact: true });
  if (await stop.isVisible()) await stop.click();
  await untilNothingRuns(page);
}
