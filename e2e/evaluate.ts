import { readFileSync } from 'node:fs';
import type { Browser, Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import {
  bringFiles,
  choose,
  copyLink,
  deviceStatus,
  engineWorkers,
  figure,
  QUESTION,
  questionBox,
  readTable,
  recoverySwitch,
  runOnWasm,
  runOnWebgpu,
  saveShared,
} from './workbench.ts';

/** Scoring in software, on a machine that does other things too. */
const RUN_TIMEOUT_MS = 180_000;

/** Items that each regime and kind of fact has been scored on so far, out of the table twin. */
async function countItems(page: Page): Promise<number[]> {
  const rows = await readTable(page, 'Accuracy');
  return rows.map((cells) => Number(cells[4]) || 0);
}

/** Timed runs per regime so far. */
async function countRuns(page: Page): Promise<number[]> {
  const rows = await readTable(page, 'Latency');
  return rows.map((cells) => Number(cells.at(-1)) || 0);
}

/**
 * On a page whose model runs, whose switch stands on LoRA-merged and whose clipboard may be read: scores every regime, pauses, reloads, goes
 * on, times them, finds it all again after another reload, and takes it to another browser.
 */
export async function evaluateEveryRegime(page: Page, browser: Browser, isWebgpu: boolean): Promise<void> {
  const items = isWebgpu ? 40 : 200;
  const accuracy = figure(page, 'Accuracy');
  const latency = figure(page, 'Latency');
  const comparisons = figure(page, 'Paired comparisons');
  const start = accuracy.getByRole('button', { name: `Score ${items} items per regime` });

  await test.step('counts are live, and Pause keeps what is finished', async () => {
    await start.click();
    await expect(accuracy.getByRole('progressbar')).toBeVisible();
    await expect(accuracy).toContainText(/Measuring .* of [\d,]+ items/);
    await expect
      .poll(async () => Math.min(...(await countItems(page))), { timeout: RUN_TIMEOUT_MS })
      .toBeGreaterThan(0);
    await accuracy.getByRole('button', { name: 'Pause' }).click();
    await expect(accuracy).toContainText(/Paused after [\d,]+ of [\d,]+ items; what is finished is kept\./);
    const kept = await countItems(page);
    expect(Math.min(...kept)).toBeGreaterThan(0);
    expect(Math.min(...kept)).toBeLessThan(items);
    await expect(accuracy).toContainText(
      isWebgpu ? /measured here on WebGPU.*software/ : /measured here on CPU \(wasm\)/,
    );
  });

  await test.step('nothing is decided before the number of items that the run set', async () => {
    await expect(comparisons).toContainText(new RegExp(`too early: \\d+ of the ${items} items set beforehand`));
    await expect(comparisons).not.toContainText('favours');
  });

  await test.step('a run that waits survives a reload, and ends with every regime on every item', async () => {
    const kept = await countItems(page);
    await page.reload();
    await expect(accuracy).toContainText(/measured here on/);
    expect(await countItems(page)).toEqual(kept);
    await (isWebgpu ? runOnWebgpu(page) : runOnWasm(page));
    await start.click();
    await expect(accuracy).toContainText(/Done: [\d,]+ items\./, { timeout: RUN_TIMEOUT_MS });
    const rows = await readTable(page, 'Accuracy');
    const kinds = rows.map(([regime, kind]) => `${regime} ${kind}`);
    expect(kinds).toEqual(
      expect.arrayContaining([
        'Dense all',
        'Compressed all',
        'Prompt held-out',
        'Prompt seen',
        'IDP held-out',
        'IDP seen',
        'LoRA-merged held-out',
        'LoRA-merged seen',
      ]),
    );
    expect(new Set(await countItems(page))).toEqual(new Set([items]));
    const shareOf = (kind: string) => Number.parseFloat(rows[kinds.indexOf(kind)]?.[2] ?? '');
    expect(shareOf('Dense all')).toBeGreaterThanOrEqual(95);
    expect(shareOf('Compressed all')).toBeLessThan(shareOf('Dense all'));
    await expect(accuracy).toContainText(/Damage: −[\d.]+\spoints/);
  });

  await test.step('declared comparisons stand there, an undecided one with the items that it would need, a picked one apart', async () => {
    await expect(comparisons).not.toContainText('too early:', { timeout: RUN_TIMEOUT_MS });
    const declared = await readTable(page, 'Paired comparisons');
    expect(declared.map(([pair, family]) => `${pair}, ${family}`)).toEqual([
      'Prompt against no repair, declared',
      'IDP against no repair, declared',
      'LoRA-merged against no repair, declared',
      'IDP against LoRA-merged, declared',
      'Prompt: held-out against seen, declared',
      'IDP: held-out against seen, declared',
      'LoRA-merged: held-out against seen, declared',
    ]);
    expect(new Set(declared.map((cells) => cells[7]))).toEqual(new Set([String(items)]));
    const results = declared.map((cells) => cells.at(-1) ?? '');
    expect(results.filter((result) => /^undecided; you would need about [\d,]+ items/.test(result))).not.toEqual([]);
    await comparisons.getByRole('combobox', { name: 'Compare, exploratory' }).selectOption('Dense');
    await comparisons.getByRole('combobox', { name: 'with' }).selectOption('IDP, seen');
    await expect(comparisons).toContainText('Dense with IDP, seen: below the declared comparisons.');
    const rows = await readTable(page, 'Paired comparisons');
    expect(rows.slice(0, -1)).toEqual(declared);
    expect(rows.at(-1)).toEqual(expect.arrayContaining(['Dense against IDP, seen', 'exploratory', 'unadjusted']));
    expect(rows.at(-1)?.at(-1)).toContain('decides nothing');
  });

  await test.step('latency is timed in rounds over all regimes', async () => {
    await latency.getByRole('button', { name: /^Time up to \d+ runs per regime$/ }).click();
    if (isWebgpu) {
      await expect
        .poll(async () => Math.min(...(await countRuns(page))), { timeout: RUN_TIMEOUT_MS })
        .toBeGreaterThan(1);
      await latency.getByRole('button', { name: 'Stop' }).click();
      await expect(latency).toContainText(/Stopped after [\d,]+ of [\d,]+ runs; what is finished is kept\./);
    } else {
      await expect(latency).toContainText(/Done: [\d,]+ runs\./, { timeout: RUN_TIMEOUT_MS });
      expect(Math.min(...(await countRuns(page)))).toBeGreaterThanOrEqual(10);
    }
    const runs = await countRuns(page);
    expect(new Set(runs).size, 'regimes take turns, so all have as many runs').toBe(1);
    for (const cells of await readTable(page, 'Latency')) expect(cells[1]).toMatch(/^[\d,.]+\s(ms|s)$/);
  });

  await test.step('times are compared in pairs, round by round, once the timing has ended', async () => {
    await choose(page, 'Compared by', 'First token');
    const pairs = async () => (await readTable(page, 'Paired comparisons')).map(([pair]) => pair);
    await expect
      .poll(pairs, { timeout: RUN_TIMEOUT_MS })
      .toEqual([
        'Prompt against no repair',
        'IDP against no repair',
        'LoRA-merged against no repair',
        'IDP against LoRA-merged',
      ]);
    const rounds = (await readTable(page, 'Paired comparisons')).map((cells) => cells[7]);
    expect(new Set(rounds)).toEqual(new Set((await countRuns(page)).map(String)));
    await expect(comparisons).toContainText('the exact sign test over rounds');
    await choose(page, 'Compared by', 'Accuracy');
  });

  await test.step('the report holds the times in pairs too, and is one page still', async () => {
    if (isWebgpu) return;
    await page.getByRole('button', { name: 'Report for print' }).click();
    const report = page.getByRole('dialog', { name: 'Forgotten, or only displaced?' });
    await expect(report).toContainText('Times of the first over the second, minus 1');
    for (const format of ['A4', 'Letter']) {
      const pdf = (await page.pdf({ format })).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b/g), format).toHaveLength(1);
    }
    await page.getByRole('button', { name: 'Close' }).click();
  });

  await test.step('a reload gives results and settings back without loading the model', async () => {
    const before = { accuracy: await readTable(page, 'Accuracy'), latency: await readTable(page, 'Latency') };
    const compared = await readTable(page, 'Paired comparisons');
    await questionBox(page).fill(QUESTION);
    await page.getByRole('button', { name: /Dark/ }).click();
    await page.reload();
    await expect(deviceStatus(page)).toContainText('recorded results only');
    await expect(recoverySwitch(page).getByRole('radio', { name: 'LoRA-merged' })).toBeChecked();
    await expect(questionBox(page)).toHaveValue(QUESTION);
    await expect(page.getByRole('button', { name: /Light/ })).toBeVisible();
    await expect(accuracy).toContainText(/measured here on/);
    expect(await readTable(page, 'Accuracy')).toEqual(before.accuracy);
    expect(await readTable(page, 'Latency')).toEqual(before.latency);
    await expect(comparisons).toContainText(`not before the ${items} items that were set when the run began`);
    // What was picked comes after what is declared.
    await expect.poll(() => readTable(page, 'Paired comparisons')).toEqual(compared);
    expect(engineWorkers(page)).toEqual([]);
  });

  await test.step('a fresh profile opens the link as it was made, and shows the run that is brought to it', async () => {
    const run = readFileSync(await (await saveShared(page, 'This run, JSON')).path());
    const link = await copyLink(page);
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(link);
    await expect(other.getByRole('region', { name: 'The linked run' })).toContainText('Nothing measured here yet.');
    await expect(recoverySwitch(other).getByRole('radio', { name: 'LoRA-merged' })).toBeChecked();
    await expect(questionBox(other)).toHaveValue(QUESTION);
    await bringFiles(other, [{ name: 'run.json', mimeType: 'application/json', buffer: run }]);
    await expect(figure(other, 'Accuracy, imported')).toContainText(/Imported from run\.json/);
    await expect(figure(other, 'Accuracy, recorded')).toContainText(/recorded on/);
    expect(await readTable(other, 'Accuracy, imported')).toEqual(await readTable(page, 'Accuracy'));
    expect(await readTable(other, 'Latency, imported')).toEqual(await readTable(page, 'Latency'));
    await context.close();
  });
}
