import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { build } from 'vite';
import { type ServedBuild, serveBuild } from '../e2e/serve-build.ts';
import { QUESTION, questionBox, runButton } from '../e2e/workbench.ts';
import { findChromium, WEBGPU_FLAGS } from '../scripts/find-chromium.mjs';

export interface MainThreadRow {
  step: string;
  seconds: number;
  /** Tasks of 50 ms or more that kept the main thread from answering. */
  longTasks: number;
  /** The longest of them by the clock; 0 where there was none. */
  longestMs: number;
  /** The longest task by the processor time that it had, which other work on the machine does not stretch. */
  longestProcessorMs: number;
}

declare global {
  var longTasksMs: number[];
}

const SLIDER_MOVES = 10;
/** Some points of the sweep come in meanwhile. */
const SWEEP_MS = 20_000;
const WAIT_TIMEOUT_MS = 300_000;
/** What a step leaves behind (an answer, a chart) is drawn by then. */
const REST_MS = 3000;

/** Uses the built page as a person does, the model on wasm, and counts what kept its main thread busy for 50 ms and more. */
export async function runInNode(): Promise<MainThreadRow[]> {
  const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-'));
  await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const served = await serveBuild(outDir);
  const browser = await chromium.launch({ executablePath: findChromium().path, args: WEBGPU_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1000 } });
    await page.addInitScript(() => {
      globalThis.longTasksMs = [];
      const note = (list: PerformanceObserverEntryList) => {
        for (const { duration } of list.getEntries()) globalThis.longTasksMs.push(duration);
      };
      new PerformanceObserver(note).observe({ type: 'longtask', buffered: true });
    });
    const rows: MainThreadRow[] = [];
    for (const [step, act] of STEPS) {
      await browser.startTracing(page, { categories: ['toplevel'] });
      const startedAt = performance.now();
      await act(page, served);
      const tasks = await page.evaluate(() => globalThis.longTasksMs.splice(0));
      const seconds = (performance.now() - startedAt) / 1000;
      const longestProcessorMs = toLongestProcessorMs(await browser.stopTracing());
      rows.push({ step, seconds, longTasks: tasks.length, longestMs: Math.max(0, ...tasks), longestProcessorMs });
    }
    return rows;
  } finally {
    await browser.close();
    await served.close();
    await rm(outDir, { recursive: true });
  }
}

/** An event of Chromium's trace format; `tdur` is processor time in microseconds. */
interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  tdur?: number;
  args?: { name?: string };
}

/** The longest task of the page's main thread in a trace. */
function toLongestProcessorMs(trace: Buffer): number {
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString());
  const isMain = ({ name, args }: TraceEvent) => name === 'thread_name' && args?.name === 'CrRendererMain';
  const mainThreads = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid}:${tid}`));
  const tasks = traceEvents.filter(
    ({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && mainThreads.has(`${pid}:${tid}`),
  );
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0);
}

type Act = (page: Page, served: ServedBuild) => Promise<void>;

const find = (
  page: Page,
  role: 'region' | 'slider' | 'button' | 'combobox' | 'textbox' | 'tab',
  name: string | RegExp,
) => page.getByRole(role, { name, exact: true });

/** Waits in the page at long intervals: a driver that looks by roles all the time would be the longest task itself. */
const until = (page: Page, isDone: () => boolean) =>
  page.waitForFunction(isDone, null, { polling: 1000, timeout: WAIT_TIMEOUT_MS });

const STEPS: readonly (readonly [step: string, act: Act])[] = [
  ['open the page', openPage],
  ['load the model', loadModel],
  ['ask a question', ask],
  [`move the slider of magnitude ${SLIDER_MOVES} times`, moveSlider],
  ['build SparseGPT', buildSparsegpt],
  [`sweep for ${SWEEP_MS / 1000} s`, sweep],
];

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

async function moveSlider(page: Page): Promise<void> {
  await find(page, 'slider', 'Sparsity').focus();
  for (let i = 0; i < SLIDER_MOVES; i++) {
    await page.keyboard.press('ArrowRight');
    // Longer than the page waits for a slider to rest: each move is an edit of its own.
    await page.waitForTimeout(300);
  }
  await page.waitForTimeout(REST_MS);
}

async function buildSparsegpt(page: Page): Promise<void> {
  await find(page, 'combobox', 'Method').selectOption({ label: 'SparseGPT' });
  // The page waits for the form to rest before it builds.
  await page.waitForTimeout(1000);
  await until(page, () => document.querySelector('[role=progressbar]') === null);
}

async function sweep(page: Page): Promise<void> {
  await find(page, 'tab', 'Sweep').click();
  await find(page, 'button', /^Run this sweep/).click();
  await page.waitForTimeout(SWEEP_MS);
}
