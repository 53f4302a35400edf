import { writeFile } from 'node:fs/promises';
import { expect, test } from '../fixtures.ts';
import { openWorkbench } from '../workbench.ts';

const TEXTS = {
  'notes.txt': 'A note.',
  'mine.jsonl': '{"question":"What is the capital of France?","choices":["Paris","Rome"],"label":0}\n',
  'run.json': '{"kind":"recall-lab-run","version":99}',
};

test('files dropped beside their places go where they belong or are refused, and the page stays', async ({
  page,
  context,
  build,
}, testInfo) => {
  await openWorkbench(page, build);
  await expect(page.getByRole('tab', { name: 'Tasks' })).toBeVisible();
  const address = page.url();
  const files: string[] = [];
  for (const [name, text] of Object.entries(TEXTS)) {
    const path = testInfo.outputPath(name);
    files.push(path);
    await writeFile(path, text);
  }
  // A drag as the system hands it to the browser, which would open the file where nobody takes it.
  const session = await context.newCDPSession(page);
  const drag = async (type: 'dragEnter' | 'dragOver' | 'drop') => {
    const data = { items: [], files, dragOperationsMask: 1 };
    await session.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data });
  };
  await drag('dragEnter');
  await drag('dragOver');
  await expect(page.getByText('Drop anywhere on the page')).toBeVisible();
  await drag('dragOver');
  await drag('drop');
  const status = page.getByRole('status').filter({ hasText: 'notes.txt' });
  await expect(status).toContainText('"notes.txt" is no .json, .jsonl or .zip file.');
  await expect(status).toContainText('“Bring a run” says why.');
  await expect(page.getByRole('tab', { name: 'Tasks', selected: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'The task as it was read' })).toBeInViewport();
  await expect(page.getByRole('alert').filter({ hasText: '"run.json" cannot be read as a run' })).toBeVisible();
  await status.getByRole('button', { name: 'Dismiss' }).click();
  await expect(status).toBeHidden();
  expect(page.url()).toBe(address);
});
