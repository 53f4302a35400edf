import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { serveBuild } from '../e2e/serve-build.ts';
import { findChromium, WEBGPU_FLAGS } from '../scripts/find-chromium.mjs';
import { STEPS, WINDOW_HEIGHT } from './main-thread-steps.ts';

export interface MainThreadRow {
  step: string;
  seconds: number;
  /** Tasks of 50 ms or more that kept the main thread from answering. */
  longTasks: number;
  /** The longest of them by the clock; 0 where there was none. */
  longestMs: number;
  /** The longest task by the processor time that it had, which other work on the machine does not stretch. */
  longestProcessorMs: number;
  /** Of all processors, what the host of a virtual machine gave to others meanwhile; it stretches both figures. Null where the system does not say. */
  stolenMs: number | null;
}

declare global {
  var longTasksMs: number[];
}

const BROWSER_START_MS = 5000;
/** Linux tells processor time in hundredths of a second, on every machine that it runs a browser on. */
const MS_PER_JIFFY = 10;

/** Uses the built page as a person does, the model on wasm, and counts what kept its main thread busy for 50 ms and more. */
export async function runInNode(): Promise<MainThreadRow[]> {
  const outDir = await mkdtemp(join(tmpdir(), 'recall-lab-'));
  await build({ logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  const served = await serveBuild(outDir);
  const browser = await chromium.launch({ executablePath: findChromium().path, args: WEBGPU_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: WINDOW_HEIGHT } });
    await page.addInitScript(() => {
      globalThis.longTasksMs = [];
      const note = (list: PerformanceObserverEntryList) => {
        for (const { duration } of list.getEntries()) globalThis.longTasksMs.push(duration);
      };
      new PerformanceObserver(note).observe({ type: 'longtask', buffered: true });
    });
    // A person's browser has started long before; this one keeps both cores busy with itself at first.
    await page.waitForTimeout(BROWSER_START_MS);
    const rows: MainThreadRow[] = [];
    for (const [step, act] of STEPS) {
      await browser.startTracing(page, { categories: ['toplevel'] });
      const startedAt = performance.now();
      const stolenBeforeMs = await readStolenMs();
      await act(page, served);
      const tasks = await page.evaluate(() => globalThis.longTasksMs.splice(0));
      const seconds = (performance.now() - startedAt) / 1000;
      const stolenNowMs = await readStolenMs();
      const longestProcessorMs = toLongestProcessorMs(await browser.stopTracing());
      const stolenMs = stolenNowMs === null || stolenBeforeMs === null ? null : stolenNowMs - stolenBeforeMs;
      console.log(
        `${step}: ${tasks.length} long, ${longestProcessorMs.toFixed(0)} ms of processor time at most, ${stolenMs ?? '?'} ms stolen`,
      );
      rows.push({
        step,
        seconds,
        longTasks: tasks.length,
        longestMs: Math.max(0, ...tasks),
        longestProcessorMs,
        stolenMs,
      });
    }
    return rows;
  } finally {
    await browser.close();
    await served.close();
    await rm(outDir, { recursive: true });
  }
}

/** Milliseconds that the host of a virtual machine has taken from its processors so far, as Linux counts them; null elsewhere. */
async function readStolenMs(): Promise<number | null> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => null);
  const jiffies = Number(text?.split('\n')[0]?.trim().split(/\s+/)[8] ?? Number.NaN);
  return Number.isNaN(jiffies) ? null : jiffies * MS_PER_JIFFY;
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
