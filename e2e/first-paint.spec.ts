import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures.ts';
import { column, FIRST_REGIMES, figure, openWorkbench, readTable, recoverySwitch, runButton } from './workbench.ts';

const manifest = JSON.parse(readFileSync(new URL('../dist/packs/atlas/manifest.json', import.meta.url), 'utf8'));

test('the first paint shows what is compared, what was recorded and the size before any download, and fetches no byte of the model', async ({
  page,
  build,
}) => {
  build.requested.length = 0;
  await openWorkbench(page, build);
  await expect(recoverySwitch(page).getByRole('radio', { name: 'IDP' })).toBeVisible();
  await expect(recoverySwitch(page).getByRole('radio', { name: 'LoRA-merged' })).toBeVisible();
  await expect(runButton(page)).toBeEnabled();
  await expect(
    page.getByText(/Atlas, 1,049,728 parameters: [\d.]+\sMB, .*[\d.]+\sMB in all; plus the ONNX runtime/),
  ).toBeVisible();
  for (const regime of FIRST_REGIMES) await expect(column(page, regime)).toBeVisible();
  await expect(page.getByRole('button', { name: /^All [\d,]+ facts$/ })).toBeVisible();
  await page.waitForLoadState('networkidle');
  const large = build.requested.filter((path) => /safetensors|\.wasm|ort[.-]|engine\.worker|tokenizer/.test(path));
  expect(large).toEqual([]);
  // Statistics of what was recorded have a worker of their own; the engine's is not there.
  expect(page.workers().filter((worker) => !worker.url().includes('statistics'))).toEqual([]);

  const entry = manifest.recorded.find(({ id }: { id: string }) => id === manifest.recipes[0].id);
  expect(entry, 'the pack has recorded results for its first recipe').toBeDefined();
  // Each chart with its device, date and counts.
  for (const title of ['Accuracy', 'Latency'] as const) {
    await expect(figure(page, title)).toContainText(/recorded on .*wasm/);
    await expect(figure(page, title)).toContainText(/not measured on your device/);
    const rows = await readTable(page, title);
    for (const regime of FIRST_REGIMES) expect(rows.map(([name]) => name)).toContain(regime);
  }
  const accuracy = await readTable(page, 'Accuracy');
  for (const [regime, , share] of accuracy.filter(([name]) => ['Dense', 'Compressed', 'IDP'].includes(name ?? ''))) {
    expect(share, `accuracy of ${regime}`).toMatch(/^\d+(\.\d+)?\s*%$/);
  }
});
