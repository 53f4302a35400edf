import { evaluateEveryRegime } from './evaluate.ts';
import { expect, test } from './fixtures.ts';
import { readEngine, recordEngine } from './record-engine.ts';
import {
  ANSWER,
  ask,
  choose,
  column,
  deviceStatus,
  expectAnswered,
  FIRST_REGIMES,
  openWorkbench,
  QUESTION,
  questionBox,
  recoverySwitch,
  runButton,
  runOnWasm,
} from './workbench.ts';

test('load, ask, read the answers, switch the recovery, ask outside of the world, score and time every regime, find it again', async ({
  page,
  browser,
  build,
}, { project }) => {
  test.setTimeout(600_000);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const isWebgpu = project.name === 'webgpu';
  await recordEngine(page);
  await openWorkbench(page, build);

  await test.step('loading shows its progress and ends in a device with a reason', async () => {
    const meters: string[] = [];
    await page.exposeFunction('noteMeter', (text: string) => meters.push(text));
    const observer = await page.evaluateHandle(() => {
      const note = () => {
        const meter = document.querySelector('[role=progressbar]')?.parentElement?.textContent;
        if (meter) (globalThis as unknown as { noteMeter: (text: string) => void }).noteMeter(meter);
      };
      const meterObserver = new MutationObserver(note);
      meterObserver.observe(document.body, { subtree: true, childList: true, characterData: true });
      return meterObserver;
    });
    await runOnWasm(page);
    await observer.evaluate((each) => each.disconnect());
    expect(meters.join('\n')).toMatch(/Loading (ONNX Runtime|Atlas).*[\d.]+\s[kM]?B of [\d.]+\s[kM]B, \d+\s%/);
    expect(meters.join('\n')).toContain('Compiling');
    const reason = isWebgpu
      ? /WebGPU is emulated in software here/
      : /This browser (has no WebGPU|has WebGPU but found no GPU)/;
    await expect(page.getByRole('main').getByRole('note').filter({ hasText: reason })).toBeVisible();
    if (isWebgpu) {
      await page.getByRole('button', { name: 'Run on WebGPU anyway' }).click();
      await expect(deviceStatus(page)).toContainText(/WebGPU · .*\(software\)/, { timeout: 150_000 });
    } else {
      await expect(page.getByRole('button', { name: 'Run on WebGPU', exact: true })).toBeDisabled();
    }
    await expect(runButton(page)).toBeHidden();
  });

  await test.step('Enter asks every regime; each answer comes with its verdict, its probability and its costs', async () => {
    await ask(page, QUESTION);
    await expect(column(page, 'Dense')).toContainText(ANSWER);
    await expect(column(page, 'Dense')).toContainText('right');
    for (const regime of FIRST_REGIMES) {
      await expect(column(page, regime)).toContainText(/P\(right answer\)\s*<?\s?[\d.]+\s%/);
      await expect(column(page, regime)).toContainText(/First token\s*[\d,.]+\s(ms|s)/);
      await expect(column(page, regime)).toContainText(/Stored\s*[\d.]+\s[kM]B/);
      await expect(column(page, regime)).toContainText(
        /Logits match PyTorch's within \S+ \(limit 1e-3\) in \d+ contexts?/,
      );
    }
    await expect(column(page, 'IDP')).toContainText(/Prompt \d+ of \d+ chosen by attention/);
    await expect(column(page, 'IDP')).toContainText(/ahead of prompt \d+; routing took/);
    for (const regime of ['Prompt', 'IDP', 'LoRA-merged']) {
      await expect(column(page, regime)).toContainText('held-out:');
    }
  });

  await test.step('repairs that were trained on the fact answer in their place when asked to', async () => {
    await choose(page, 'Answer with repairs that', 'were trained on it');
    await expectAnswered(page);
    for (const regime of ['Prompt', 'IDP', 'LoRA-merged']) {
      await expect(column(page, regime)).toContainText('seen:');
    }
    await choose(page, 'Answer with repairs that', 'never saw the fact');
    await expectAnswered(page);
  });

  await test.step('the switch moves the emphasis by mouse and by keyboard, asks the engine for nothing and makes no session', async () => {
    const before = await readEngine(page);
    await expect(page.getByRole('article', { name: /IDP.*highlighted/ })).toBeVisible();
    await choose(page, 'Recovery', 'LoRA-merged');
    await expect(page.getByRole('article', { name: /LoRA-merged.*highlighted/ })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Figures of LoRA-merged' })).toBeVisible();
    const recovery = recoverySwitch(page);
    await recovery.getByRole('radio', { name: 'LoRA-merged' }).press('ArrowLeft');
    await expect(recovery.getByRole('radio', { name: 'IDP' })).toBeChecked();
    await expect(page.getByRole('region', { name: 'Figures of IDP' })).toBeVisible();
    await recovery.getByRole('radio', { name: 'IDP' }).press('ArrowRight');
    await expect(recovery.getByRole('radio', { name: 'LoRA-merged' })).toBeChecked();
    expect(await readEngine(page)).toEqual(before);
    const prepared = before.filter(({ call }) => call === 'prepareRegime');
    expect(prepared.length).toBeGreaterThanOrEqual(FIRST_REGIMES.length);
    expect(prepared.map(({ sessionsCreated }) => sessionsCreated)).toEqual(prepared.map(() => 0));
    const loads = before.filter(({ call }) => call === 'loadRecipe');
    expect(loads.length).toBeGreaterThan(0);
  });

  await test.step('a text outside of the world is answered without a verdict, and the nearest facts are offered', async () => {
    // What is offered has nothing to do with the device, and each answer takes its time in software.
    if (isWebgpu) return;
    await questionBox(page).fill('Capital city for the french people of France please');
    await expect(page.getByText(/Not a question of this world/)).toBeVisible();
    const nearest = page.getByRole('button', { name: /^France, / }).first();
    await expect(nearest).toBeVisible();
    await questionBox(page).press('Enter');
    await expect(page.getByRole('button', { name: 'Ask all regimes' })).toBeVisible({ timeout: 150_000 });
    await expect(column(page, 'Dense').getByText(/^(right|wrong)$/)).toHaveCount(0);
    await nearest.click();
    await expectAnswered(page);
    await expect(questionBox(page)).toHaveValue(/France/);
    await expect(page.getByText(/Right answer:/)).toBeVisible();
  });

  await evaluateEveryRegime(page, browser, isWebgpu);
});
