import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { choose, openWorkbench } from '../workbench.ts';

/** The file that an entry of a figure's export menu hands over. */
async function exportFigure(page: Page, title: string, format: 'PNG' | 'SVG' | 'CSV' | 'JSON') {
  await page.getByRole('button', { name: `Export ${title}` }).click();
  const item = page.getByRole('menuitem', { name: new RegExp(`${format}$`) });
  const [download] = await Promise.all([page.waitForEvent('download'), item.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('a chart leaves the page as a picture that stands alone, also while its table is shown, and as figures', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await choose(page, 'Accuracy: shown as', 'Table');
  const { name, bytes } = await exportFigure(page, 'Accuracy', 'SVG');
  expect(name).toMatch(/^atlas_accuracy_\d{4}-\d\d-\d\d\.svg$/);
  const svg = bytes.toString('utf8');
  for (const text of ['Accuracy', 'LoRA-merged', 'recorded on', 'exact match, 95', '100 %'])
    expect(svg).toContain(text);
  expect(svg).not.toMatch(/var\(|class=|NaN|Export|<foreignObject/);
  await expect(page.getByRole('figure', { name: 'Accuracy' }).getByRole('table')).toBeVisible();
  const isWellFormed = await page.evaluate(
    (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') === null,
    svg,
  );
  expect(isWellFormed).toBe(true);

  await test.step('the picture in pixels has two for each of the page', async () => {
    const { bytes: drawn } = await exportFigure(page, 'Latency', 'SVG');
    const picture = await exportFigure(page, 'Latency', 'PNG');
    expect(picture.name).toMatch(/^atlas_latency_.*\.png$/);
    expect(picture.bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
    const width = Number(/ width="(\d+)"/.exec(drawn.toString('utf8'))?.[1]);
    expect(picture.bytes.readUInt32BE(16)).toBe(2 * width);
  });

  await test.step('figures are unrounded, with units', async () => {
    const { bytes: csv } = await exportFigure(page, 'Accuracy', 'CSV');
    const [header, ...rows] = csv.toString('utf8').trim().split('\r\n');
    expect(header).toContain('accuracy (share),accuracy low (share),accuracy high (share),items');
    expect(rows.some((row) => row.includes(',idp,') && row.includes(',held-out,'))).toBe(true);
    const json: unknown = JSON.parse((await exportFigure(page, 'Accuracy', 'JSON')).bytes.toString('utf8'));
    expect(json).toMatchObject({ pack: 'atlas', measure: 'accuracy' });
    expect(json).toHaveProperty('rows.length', rows.length);
  });
});
