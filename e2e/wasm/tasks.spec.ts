import { expect, test } from '../fixtures.ts';
import { choose, openWorkbench, runOnWasm } from '../workbench.ts';

const FAULTY =
  '{"question":"What is the capital of France?","choices":["Paris","Rome"],"label":0}\n{"question":"Who?"}';
const GOOD =
  '{"question":"What is the capital of France?","choices":["Paris","Rome"],"label":0}\n' +
  '{"question":"What is the capital of Italy?","choices":["Paris","Rome"],"label":1}';

const toFile = (name: string, text: string) => ({ name, mimeType: 'application/jsonl', buffer: Buffer.from(text) });

test('a task is run, paused, found again after a reload and gone on with, and one of one’s own is added', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await runOnWasm(page);
  await page.getByRole('tab', { name: 'Tasks' }).click();
  await page.getByRole('button', { name: /^Closed book/ }).click();
  await page.getByRole('button', { name: 'Ask every regime' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText(/^Paused at [\d,]+ of [\d,]+ answers\.$/)).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByText(/^[1-9][\d,]* of [\d,]+ answers$/)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();

  await page.reload();
  await runOnWasm(page);
  await page.getByRole('tab', { name: 'Tasks' }).click();
  await expect(page.getByRole('button', { name: /^Closed book/, pressed: true })).toBeVisible();
  await expect(page.getByText(/^[1-9][\d,]* of [\d,]+ answers are here from before\.$/)).toBeVisible();
  await choose(page, 'Documents per regime', '40');
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect(page.getByText(/^Done: all [\d,]+ answers are here\.$/)).toBeVisible({ timeout: 60_000 });
  const figure = page.getByRole('figure', { name: 'Closed book, by regime' });
  await expect(figure).toContainText(/exact_match.*measured in this browser/is);
  const comparisons = page.getByRole('figure', { name: 'Paired comparisons on this task' });
  await expect(comparisons).toContainText(/too early: \d+ of the \d+ documents set beforehand/);

  const input = page.getByRole('tabpanel').locator('input[type="file"]');
  await input.setInputFiles([toFile('mine.jsonl', FAULTY)]);
  await expect(page.getByRole('alert')).toContainText('line 2 of mine.jsonl');
  await expect(page.getByRole('button', { name: /^Closed book/, pressed: true })).toBeVisible();
  await input.setInputFiles([toFile('mine.jsonl', GOOD)]);
  const draft = page.getByRole('region', { name: 'The task as it was read' });
  await expect(draft).toContainText('2 documents');
  await expect(draft.getByText('Question: What is the capital of France?')).toBeVisible();
  await page.getByRole('button', { name: 'Add this task' }).click();
  await expect(page.getByRole('button', { name: /^mine/, pressed: true })).toBeVisible();
  await page.getByRole('button', { name: 'Ask every regime' }).click();
  await expect(page.getByText(/^Done: all 10 answers are here\.$/)).toBeVisible({ timeout: 60_000 });
});
