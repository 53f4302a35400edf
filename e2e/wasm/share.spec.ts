import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { parseResults } from '../../src/core/harness/parse-results.ts';
import { REGIME_KEYS } from '../../src/core/recover/regime.ts';
import { SAMPLE_FIELDS } from '../../src/testing/sample-fields.ts';
import { expect, test } from '../fixtures.ts';
import {
  ask,
  bringFiles,
  choose,
  column,
  copyLink,
  figure,
  openWorkbench,
  questionBox,
  recoverySwitch,
  runOnWasm,
  saveShared,
  sharePanel,
} from '../workbench.ts';

/** Every metric of every regime, as the table of a task's figure has them. */
async function readRegimes(task: Locator): Promise<string[]> {
  await task.getByText('Table', { exact: true }).click();
  const rows = await task.getByRole('table').getByRole('row').allInnerTexts();
  expect(rows.length).toBeGreaterThan(2);
  return rows;
}

/** The report says all of this, and is one page of both papers, no smaller than can be read. */
async function expectOnePage(page: Page, texts: readonly (string | RegExp)[]): Promise<void> {
  await sharePanel(page).getByRole('button', { name: 'Report for print' }).click();
  const report = page.getByRole('dialog', { name: 'Forgotten, or only displaced?' });
  for (const text of texts) await expect(report).toContainText(text, { timeout: 30_000 });
  for (const format of ['A4', 'Letter']) {
    const pdf = (await page.pdf({ format })).toString('latin1');
    expect(pdf.match(/\/Type\s*\/Page\b/g), format).toHaveLength(1);
    const zoom = await report.getByRole('article').evaluate((sheet) => Number(getComputedStyle(sheet).zoom));
    expect(zoom, `size on ${format}`).toBeGreaterThan(0.7);
  }
  await page.getByRole('button', { name: 'Close' }).click();
}

test('the report of every regime is one page of A4 and of Letter, recorded and measured here', async ({
  page,
  build,
}) => {
  test.setTimeout(240_000);
  await openWorkbench(page, build, { shown: REGIME_KEYS, textPrompt: 'Answer in one word.' });
  await expectOnePage(page, [
    'Recorded on',
    'LoRA r=1: held-out against seen',
    'LoRA unmerged against no repair',
    /LoRA r=1 brought back \d+ of \d+ lost facts.* Rule \d\./,
    'The first of these rules that holds gives the sentence',
  ]);
  await runOnWasm(page);
  await figure(page, 'Accuracy')
    .getByRole('button', { name: /^Score \d+ items per regime$/ })
    .click();
  await expect(figure(page, 'Accuracy')).toContainText('Done: 3,800 items.', { timeout: 150_000 });
  await expectOnePage(page, ['Measured in this browser', 'Text prompt']);
});

interface WrittenSample {
  doc: { context: string };
  target: string;
  arguments: unknown;
  resps: readonly (readonly string[])[];
  filtered_resps: readonly string[];
  exact_match: number;
}

/** Lines of a closed-book task hold what the model wrote: the target where it is right, and only there. */
function expectWritten(lines: readonly string[]): void {
  const samples = lines.map((line): WrittenSample => JSON.parse(line));
  for (const { target, resps, filtered_resps, exact_match, arguments: asked } of samples) {
    expect(resps).toEqual([filtered_resps]);
    expect(filtered_resps).toEqual([expect.any(String)]);
    expect(filtered_resps[0] === target).toBe(exact_match === 1);
    expect(asked).toMatchObject({ gen_args_0: { arg_1: { until: ['<|end|>'], do_sample: false } } });
  }
}

test('results leave the page, come back in another browser, and a link tells whether a run is the same', async ({
  page,
  browser,
  build,
}) => {
  test.setTimeout(300_000);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openWorkbench(page, build, { shown: ['dense', 'compressed'] });
  await expect(sharePanel(page).getByRole('button', { name: 'Results and samples' })).toBeDisabled();
  await runOnWasm(page);
  await figure(page, 'Accuracy')
    .getByRole('button', { name: /^Score \d+ items per regime$/ })
    .click();
  await expect(figure(page, 'Accuracy')).toContainText('Done: 400 items.', { timeout: 90_000 });

  await test.step('as lm-evaluation-harness writes them', async () => {
    const files = unzipSync(readFileSync(await (await saveShared(page, 'Results and samples')).path()));
    const models = ['atlas_dense', 'atlas_magnitude-mild_compressed'];
    expect([...new Set(Object.keys(files).map((path) => path.split('/')[0]))]).toEqual(models);
    for (const [path, bytes] of Object.entries(files)) {
      if (path.endsWith('.json')) {
        const { model, tasks } = parseResults(bytes, path);
        expect(models).toContain(model);
        expect(tasks.map(({ config, effective }) => [config.task, effective])).toEqual([['atlas', 200]]);
        expect(tasks[0]?.config).toMatchObject({ version: 1, until: '<|end|>', metrics: ['exact_match'] });
      } else {
        expect(path).toMatch(/\/samples_atlas_\d{4}-\d\d-\d\dT[\d-]+\.\d{3}Z\.jsonl$/);
        const lines = strFromU8(bytes).trimEnd().split('\n');
        expect(lines).toHaveLength(200);
        for (const line of lines) expect(Object.keys(JSON.parse(line)).sort()).toEqual(SAMPLE_FIELDS);
        expectWritten(lines);
      }
    }
    const path = Object.keys(files).find((each) => each.includes('_compressed/samples_atlas_'));
    const samples = strFromU8(files[path ?? ''] ?? new Uint8Array())
      .trimEnd()
      .split('\n')
      .map((line): WrittenSample => JSON.parse(line));
    const wrong = samples.find(({ exact_match }) => exact_match === 0);
    expect(wrong, 'an answer that the compressed model gets wrong').toBeDefined();
    const question = /^Question: (.*)\nAnswer:$/.exec(wrong?.doc.context ?? '')?.[1] ?? '';
    await ask(page, question, ['Dense', 'Compressed']);
    await expect(column(page, 'Compressed')).toContainText(wrong?.resps[0]?.[0]?.trim() ?? 'words');
    await expect(column(page, 'Compressed')).toContainText('wrong');
  });

  const charts = unzipSync(readFileSync(await (await saveShared(page, 'Charts, SVG')).path()));
  expect(Object.keys(charts).slice(0, 2)).toEqual(['01_accuracy.svg', '02_latency.svg']);
  for (const bytes of Object.values(charts)) expect(strFromU8(bytes)).toMatch(/^<svg [\s\S]*<\/svg>$/);

  const run = readFileSync(await (await saveShared(page, 'This run, JSON')).path());
  const tables = unzipSync(readFileSync(await (await saveShared(page, 'All tables, CSV')).path()));
  expect(strFromU8(tables['atlas_accuracy.csv'] ?? new Uint8Array())).toMatch(
    /\r\n.*,dense,.*,200,.*,live,"CPU \(wasm\)/,
  );
  await test.step('the report is one page of A4 and of Letter', async () => {
    await expectOnePage(page, ['Measured in this browser']);
  });

  const facts = strFromU8(tables['atlas_facts-recorded.csv'] ?? new Uint8Array())
    .trimEnd()
    .split('\r\n');
  expect(facts[0]).toMatch(
    /^recipe,fact,.*,fate under idp,.*,dense: right \(questions\),dense: probability \(share\),/,
  );
  expect(facts.length).toBeGreaterThan(2_992);

  await page.getByRole('tab', { name: 'Tasks' }).click();
  await page.getByRole('button', { name: /^Closed book/ }).click();
  await choose(page, 'Documents per regime', '40');
  await page.getByRole('button', { name: 'Ask every regime' }).click();
  await expect(page.getByText('Done: all 80 answers are here.')).toBeVisible({ timeout: 60_000 });
  const own = page.getByRole('figure', { name: 'Closed book, by regime', exact: true });
  await expect(own).toContainText(/measured here on CPU \(wasm\)/);
  const measured = await readRegimes(own);
  const link = await copyLink(page);
  const runOfTask = readFileSync(await (await saveShared(page, 'This run, JSON')).path());
  await test.step('answers to a closed-book task leave as what was written too', async () => {
    const files = unzipSync(readFileSync(await (await saveShared(page, 'Results and samples')).path()));
    const samples = Object.entries(files).filter(([path]) => path.includes('/samples_atlas-exact_'));
    expect(samples).toHaveLength(2);
    for (const [, bytes] of samples) {
      const lines = strFromU8(bytes).trimEnd().split('\n');
      expect(lines).toHaveLength(40);
      expectWritten(lines);
    }
  });

  await test.step('answers to a task come back in another browser, with the same figures, also after a reload', async () => {
    const context = await browser.newContext();
    const other = await context.newPage();
    await openWorkbench(other, build);
    const misfit = Buffer.from(runOfTask.toString().replace(/"documents":\["[^"]*"/, '"documents":["nowhere"'));
    await bringFiles(other, [
      { name: 'theirs.json', mimeType: 'application/json', buffer: runOfTask },
      { name: 'misfit.json', mimeType: 'application/json', buffer: misfit },
    ]);
    await expect(sharePanel(other).getByRole('alert')).toContainText(
      '"misfit.json" cannot be read as a run: "tasks.0.documents" is "nowhere"',
    );
    for (const when of ['at once', 'after a reload']) {
      if (when === 'after a reload') await other.reload();
      await other.getByRole('tab', { name: 'Tasks' }).click();
      await other.getByRole('button', { name: /^Closed book/ }).click();
      const brought = other.getByRole('figure', { name: 'Closed book, by regime', exact: true });
      await expect(brought, when).toContainText(/imported, measured on CPU \(wasm\)/);
      await expect(brought).toContainText(/Imported from theirs\.json/);
      expect(await readRegimes(brought), when).toEqual(measured);
    }
    const axe = new AxeBuilder({ page: other }).include('[role="tabpanel"]');
    expect((await axe.analyze()).violations).toEqual([]);
    const files = unzipSync(readFileSync(await (await saveShared(other, 'All tables, CSV')).path()));
    expect(strFromU8(files['atlas_tasks.csv'] ?? new Uint8Array())).toMatch(
      /\r\natlas-exact,.*,dense,.*,imported,"CPU \(wasm\).*theirs\.json/,
    );
    await context.close();
  });

  await test.step('an imported run stands beside the recorded one, through bad files and a reload', async () => {
    const context = await browser.newContext();
    const other = await context.newPage();
    await openWorkbench(other, build);
    await bringFiles(other, [{ name: 'theirs.json', mimeType: 'application/json', buffer: run }]);
    await expect(figure(other, 'Accuracy, imported')).toContainText(/imported, measured on CPU \(wasm\)/);
    for (const title of ['Accuracy, recorded', 'Latency, recorded'] as const) {
      await expect(figure(other, title)).toContainText(/recorded on/);
    }
    const axe = new AxeBuilder({ page: other }).include('[aria-label="Accuracy and latency"]');
    expect((await axe.analyze()).violations).toEqual([]);
    const compared = figure(other, 'Paired comparisons');
    await compared.getByRole('combobox', { name: 'Compare, exploratory' }).selectOption('Dense');
    await compared.getByRole('combobox', { name: 'with' }).selectOption('Dense, recorded');
    await expect(compared).toContainText(/imported, measured on CPU \(wasm\)[\s\S]*p 1\.000, 200 items/);
    const hostile = Buffer.from(run.toString().replace(/"items":\[/, '"items":["__proto__",'));
    await bringFiles(other, [
      { name: 'hostile.json', mimeType: 'application/json', buffer: hostile },
      { name: 'picture.json', mimeType: 'application/json', buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47]) },
    ]);
    await expect(sharePanel(other).getByRole('alert')).toHaveCount(2);
    await expect(sharePanel(other)).toContainText('"hostile.json" cannot be read as a run');
    await expect(sharePanel(other)).toContainText('"picture.json" holds none of them');
    await other.reload();
    await expect(sharePanel(other).getByRole('list', { name: 'Imported runs' })).toContainText('theirs.json');
    await choose(other, 'Results', 'Recorded');
    await expect(figure(other, 'Accuracy')).toContainText(/recorded on/);
    await choose(other, 'Results', 'Imported');
    await expect(figure(other, 'Accuracy, imported')).toContainText(/Imported from theirs\.json/);
    await context.close();
  });

  await test.step('whoever opens the link sees that nothing was measured, then that it is the same', async () => {
    const context = await browser.newContext();
    const reader = await context.newPage();
    await reader.goto(link);
    const note = reader.getByRole('region', { name: 'The linked run' });
    await expect(note).toContainText('None of the answers about facts measured here yet.');
    await note.getByRole('button', { name: 'Run the same 200 items' }).click();
    await expect(note).toContainText('Same as the linked run in the answers about facts.', { timeout: 90_000 });
    await note.getByRole('button', { name: 'Run the same 40 documents of atlas-exact' }).click();
    await expect(note).toContainText('Same as the linked run in the answers to the task atlas-exact.', {
      timeout: 90_000,
    });
    await context.close();
  });
});

test('a link with nonsense in every field opens the page as it was, and names what it could not use', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build, {
    pack: '<img src=x onerror=alert(1)>',
    highlighted: '__proto__',
    shown: ['dense', 7],
    question: '<b>What is the capital of France?</b>',
    task: { id: '../../secret', seed: -1, limit: 1e9, metric: 'f1', groupBy: 'constructor' },
    tab: 'Facts"><script>',
    results: 'theirs',
    fateKey: 'toString',
    linkedRun: { regimes: 'none' },
  });
  const named = page.getByText(/part of the link could not be used/);
  for (const field of ['highlighted', 'shown', 'task', 'tab', 'results', 'fateKey', 'linkedRun']) {
    await expect(named).toContainText(field);
  }
  await expect(questionBox(page)).toHaveValue('<b>What is the capital of France?</b>');
  await expect(recoverySwitch(page).getByRole('radio', { name: 'IDP' })).toBeChecked();
  await expect(page.getByRole('tab', { name: 'Facts' })).toHaveAttribute('aria-selected', 'true');
  await expect(figure(page, 'Accuracy')).toContainText(/recorded on/);
});
