import { expect, test } from '../fixtures.ts';
import {
  ask,
  column,
  deviceStatus,
  engineWorkers,
  figure,
  openWorkbench,
  QUESTION,
  questionBox,
  readTable,
  runOnWasm,
} from '../workbench.ts';

const OTHER_QUESTION = 'What is the capital of Japan?';

test('a worker that dies in mid-run is replaced, the run goes on to its end and no answer is lost', async ({
  page,
  build,
}) => {
  await openWorkbench(page, build);
  await runOnWasm(page);
  await ask(page, QUESTION);
  const accuracy = figure(page, 'Accuracy');
  await accuracy.getByRole('button', { name: 'Score 200 items per regime' }).click();
  await expect.poll(async () => Number((await readTable(page, 'Accuracy'))[0]?.[4]) || 0).toBeGreaterThan(0);
  const [first] = engineWorkers(page);
  await first?.evaluate(() => {
    setTimeout(() => {
      throw new Error('killed by a test');
    }, 0);
  });
  await expect(page.getByText(/Starting again, attempt 1/)).toBeVisible();
  await expect(column(page, 'Dense')).toContainText('Paris');
  await expect(accuracy).toContainText(/Done: [\d,]+ items\./, { timeout: 120_000 });
  // Intervals of the last block are computed after its answers are in.
  await expect
    .poll(async () => new Set((await readTable(page, 'Accuracy')).map((cells) => cells[4])))
    .toEqual(new Set(['200']));
  expect(engineWorkers(page)).toHaveLength(1);
  expect(engineWorkers(page)[0]).not.toBe(first);
  await expect(deviceStatus(page)).toContainText('CPU (wasm)');
});

test('a worker that is wedged is replaced when its deadline has passed, and the question is answered when asked again', async ({
  page,
  build,
}) => {
  await page.clock.install();
  await openWorkbench(page, build);
  await runOnWasm(page);
  // One answer from every regime first, so that nothing but the next question is under way when the worker is wedged.
  await ask(page, OTHER_QUESTION);
  const [wedged] = engineWorkers(page);
  // From a task of its own, so that this returns before the loop begins.
  await wedged?.evaluate(() => {
    setTimeout(() => {
      for (;;);
    }, 0);
  });
  await questionBox(page).fill(QUESTION);
  await questionBox(page).press('Enter');
  await expect(page.getByRole('button', { name: 'Stop' })).toBeVisible();
  await page.clock.fastForward('03:00');
  // What was being asked is not asked again by itself, since it may be what wedged the worker; the others go on.
  await expect(column(page, 'Dense')).toContainText('The engine gave no sign of life', { timeout: 60_000 });
  await expect(column(page, 'LoRA-merged')).toContainText(/right|wrong/, { timeout: 60_000 });
  await ask(page, QUESTION);
  await expect(column(page, 'Dense')).toContainText('Paris');
  // A worker in an endless loop takes a moment to die.
  await expect.poll(() => wedged !== undefined && !engineWorkers(page).includes(wedged)).toBe(true);
  expect(engineWorkers(page)).toHaveLength(1);
});
