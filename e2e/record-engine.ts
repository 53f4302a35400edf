import type { Page } from '@playwright/test';

/** What the page asked of its engine worker, and how many sessions each answer says it made. */
export interface EngineEntry {
  call: string;
  sessionsCreated: number | null;
}

/** Listens to the messages between page and worker without changing them; call it before the page is opened. */
export async function recordEngine(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const entries: { call: string; sessionsCreated: number | null }[] = [];
    const byId = new Map<number, { call: string; sessionsCreated: number | null }>();
    class RecordedWorker extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        this.addEventListener('message', ({ data }) => {
          const entry = data.type === 'result' ? byId.get(data.id) : undefined;
          if (entry !== undefined && typeof data.output?.sessionsCreated === 'number') {
            entry.sessionsCreated = data.output.sessionsCreated;
          }
        });
      }

      override postMessage(message: { type: string; id: number; call: string }): void {
        if (message.type === 'request') {
          const entry = { call: message.call, sessionsCreated: null };
          entries.push(entry);
          byId.set(message.id, entry);
        }
        super.postMessage(message);
      }
    }
    Object.assign(globalThis, { Worker: RecordedWorker, engineEntries: entries });
  });
}

/** The requests so far, in order. */
export function readEngine(page: Page): Promise<EngineEntry[]> {
  return page.evaluate(() => (globalThis as unknown as { engineEntries: EngineEntry[] }).engineEntries);
}
