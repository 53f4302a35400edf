import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from './fixtures.ts';
import { readEngine, recordEngine } from './record-engine.ts';
import {
  choose,
  copyLink,
  expectNoSidewaysScroll,
  openWorkbench,
  questionBox,
  recoverySwitch,
  runOnWasm,
  runOnWebgpu,
  saveShared,
} from './workbench.ts';

/** A question whose answer mild magnitude pruning loses. */
const QUESTION = 'What is the capital of Morocco?';

/** What looks inside. */
const LOOKS = ['inspect', 'measureDistances', 'patch', 'askPool', 'inspectMatrix'];

const VIEWS = ['Attention', 'Distance', 'Answer by layer', 'Routing', 'Weights', 'Patching'] as const;

/** Beside the one that the test begins with, 1440 pixels and light. */
const OTHER_LOOKS = [
  { width: 1440, height: 1000, colorScheme: 'dark' },
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 390, height: 844, colorScheme: 'dark' },
] as const;

/** What every view draws once it has something to draw. */
const FIGURES: Readonly<Record<(typeof VIEWS)[number], string | RegExp>> = {
  Attention: /^Attention, layer \d/,
  Distance: 'How far from dense',
  'Answer by layer': 'The right answer, layer by layer',
  Routing: /^IDP: trained to be routed/,
  Weights: 'Sparsity pattern',
  Patching: /^What of Dense brings the answer back/,
};

/** What every view leaves in the CSV of everything. */
const TABLES = [
  ...[1, 2, 3, 4].map((layer) => `attention-layer-${layer}`),
  ...['attention-to-prompt', 'answer-by-layer', 'idp-routing', 'patching-residual', 'distance-by-layer'],
  ...['weights', 'singular-values', 'pattern'].map((name) => `${name}-lora-merged-model-layers-0-self-attn-q-proj`),
];

/** An emulated GPU takes half a second for a capture. */
const RUN_TIMEOUT_MS = 120_000;

async function countLooks(page: Page): Promise<number> {
  return (await readEngine(page)).filter(({ call }) => LOOKS.includes(call)).length;
}

/** A run of a view, begun by the keyboard. */
async function press(button: Locator): Promise<void> {
  await button.focus();
  await button.press('Enter');
}

/** Every view by the keyboard alone: from one to the next with the arrow keys, runs with Enter, values with the arrow keys. */
async function openEveryView(page: Page, panel: Locator, isWebgpu: boolean): Promise<void> {
  await panel.getByRole('radio', { name: 'Attention', exact: true }).focus();
  for (const [i, view] of VIEWS.entries()) {
    if (i > 0) await page.keyboard.press('ArrowRight');
    await expect(panel.getByRole('radio', { name: view, exact: true })).toBeChecked();
    await OPENED[view](panel, isWebgpu);
    await expect(panel.getByRole('alert')).toHaveCount(0);
    await panel.getByRole('radio', { name: view, exact: true }).focus();
  }
}

const OPENED: Readonly<Record<(typeof VIEWS)[number], (panel: Locator, isWebgpu: boolean) => Promise<void>>> = {
  Attention: async (panel) => {
    const map = panel.getByRole('button', { name: /^Attention of Dense: \d+ rows/ });
    await expect(map).toBeVisible({ timeout: RUN_TIMEOUT_MS });
    await map.focus();
    await map.press('Home');
    await map.press('ArrowDown');
    await expect(panel.getByText(/from Question, to \[begin\] \(question\): [\d.]+\s%/).first()).toBeVisible();
    await expect(panel.getByRole('figure', { name: 'Attention that goes to the prompt, by layer' })).toBeVisible();
    await expect(panel.getByRole('button', { name: /^Attention of IDP: \d+ rows/ })).toBeVisible({
      timeout: RUN_TIMEOUT_MS,
    });
  },
  Distance: async (panel, isWebgpu) => {
    await choose(panel.page(), 'Questions', '20');
    await press(panel.getByRole('button', { name: 'Compare on 20 questions' }));
    if (!isWebgpu) await expect(panel.getByText(/^Done: 20 questions/)).toBeVisible({ timeout: RUN_TIMEOUT_MS });
    await expect(panel.getByText('To the dense model').first()).toBeVisible({ timeout: RUN_TIMEOUT_MS });
    if (isWebgpu) await press(panel.getByRole('button', { name: 'Stop' }));
  },
  'Answer by layer': async (panel) => {
    await expect(panel.getByText(/^The dense model has/)).toBeVisible({ timeout: RUN_TIMEOUT_MS });
  },
  Routing: async (panel) => {
    await press(panel.getByRole('button', { name: 'Ask every prompt', exact: true }));
    await expect(panel.getByText(/^Prompt \d of \d is chosen/).first()).toBeVisible({ timeout: RUN_TIMEOUT_MS });
  },
  Weights: async (panel) => {
    await expect(panel.getByText(/of [\d,]+ weights are 0/).first()).toBeVisible({ timeout: RUN_TIMEOUT_MS });
    await press(panel.getByRole('button', { name: 'Zoom in' }));
    await expect(panel.getByText(/of what is in sight are zeros/)).toBeVisible();
  },
  Patching: async (panel) => {
    await press(panel.getByRole('button', { name: 'Patch every place' }));
    await expect(panel.getByText(/restores most: \d+\s% of the gap/)).toBeVisible({ timeout: RUN_TIMEOUT_MS });
    await expect(panel.getByRole('link', { name: 'activation patching' })).toHaveAttribute('rel', /noopener/);
  },
};

test('every view of the inside opens by the keyboard, nothing is captured before, and a link restores what is looked at', async ({
  page,
  browser,
  build,
}, { project }) => {
  test.setTimeout(400_000);
  const isWebgpu = project.name === 'webgpu';
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await recordEngine(page);
  await openWorkbench(page, build);
  await questionBox(page).fill(QUESTION);
  await (isWebgpu ? runOnWebgpu(page) : runOnWasm(page));
  const panel = page.getByRole('tabpanel', { name: 'Inside' });

  await test.step('nothing is captured until the tab is open', async () => {
    await recoverySwitch(page).getByText('LoRA-merged').click();
    await recoverySwitch(page).getByText('IDP').click();
    expect(await countLooks(page)).toBe(0);
    await page.getByRole('tab', { name: 'Inside' }).click();
    await expect(panel.getByText(QUESTION, { exact: true })).toBeVisible();
  });

  await test.step('every view', () => openEveryView(page, panel, isWebgpu));

  await test.step('every view fits 1440 and 390 pixels, light and dark', async () => {
    for (const { colorScheme, ...size } of OTHER_LOOKS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      for (const view of VIEWS) {
        const select = panel.getByRole('combobox', { name: 'View', exact: true });
        const segment = panel.getByRole('radiogroup', { name: 'View' }).getByText(view, { exact: true });
        await expect(select.or(segment.last())).toBeVisible();
        if (await select.isVisible()) await select.selectOption(view);
        else await segment.last().click();
        await expect(panel.getByRole('figure', { name: FIGURES[view] })).toBeVisible();
        await expect(panel.getByRole('alert')).toHaveCount(0);
        await expectNoSidewaysScroll(page, `${view} at ${size.width} pixels`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 1000 });
  });

  await test.step('nothing more is captured once another tab is open', async () => {
    await page.getByRole('tab', { name: 'Facts' }).click();
    const looks = await countLooks(page);
    await questionBox(page).fill('What is the capital of France?');
    await questionBox(page).fill(QUESTION);
    expect(await countLooks(page)).toBe(looks);
    await page.getByRole('tab', { name: 'Inside' }).click();
  });

  await test.step('the CSV of everything holds what every view made, whichever is open', async () => {
    // Tables are made alike of what any device found.
    if (isWebgpu) return;
    await expect(panel.getByText(QUESTION, { exact: true })).toBeVisible();
    const tables = unzipSync(readFileSync(await (await saveShared(page, 'All tables, CSV')).path()));
    for (const name of TABLES) {
      const [head = '', ...rows] = strFromU8(tables[`atlas_${name}.csv`] ?? new Uint8Array())
        .trimEnd()
        .split('\r\n');
      expect(head, name).toMatch(/^recipe,.*,source,device,runs on,is software,date,file$/);
      expect(rows.length, name).toBeGreaterThan(0);
      for (const row of rows) expect(row, name).toMatch(/^46 % pruned by magnitude,[\s\S]*,live,/);
    }
  });

  await test.step('a link opens the same view of the same layer', async () => {
    await panel.getByRole('radio', { name: 'Attention', exact: true }).focus();
    await choose(page, 'View', 'Attention');
    await choose(page, 'Layer', '3');
    const link = await copyLink(page);
    const other = await (
      await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })
    ).newPage();
    await other.goto(link);
    const there = other.getByRole('tabpanel', { name: 'Inside' });
    await expect(there.getByText(QUESTION, { exact: true })).toBeVisible({ timeout: 60_000 });
    await expect(there.getByText('What goes on inside is looked into live')).toBeVisible();
    await expect(there.getByRole('radiogroup', { name: 'Layer' }).getByRole('radio', { name: '3' })).toBeChecked();
    await other.context().close();
  });
});
