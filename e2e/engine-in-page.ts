import { readdirSync } from 'node:fs';
import type { JSHandle, Page } from '@playwright/test';
import type { CallName, EngineCalls } from '../src/engine/protocol.ts';

/** The built engine worker without the page around it: the same script, asked by the same protocol. */
export interface EngineInPage {
  call<K extends CallName>(name: K, input: EngineCalls[K]['input']): Promise<EngineCalls[K]['output']>;
  dispose(): Promise<void>;
}

type Caller = (name: string, input: unknown) => Promise<unknown>;

/** Starts a worker of its own in an opened page. */
export async function startEngine(page: Page): Promise<EngineInPage> {
  const script = readdirSync(new URL('../dist/assets/', import.meta.url)).find((name) =>
    /^engine\.worker-.*\.js$/.test(name),
  );
  const handle: JSHandle<{ call: Caller; worker: Worker }> = await page.evaluateHandle(async (url) => {
    const worker = new Worker(new URL(url, document.baseURI), { type: 'module' });
    const waiting = new Map<number, { resolve: (output: unknown) => void; reject: (error: Error) => void }>();
    let nextId = 1;
    await new Promise<void>((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.type === 'ready') resolve();
        const call = waiting.get(data.id);
        if (data.type === 'result') call?.resolve(data.output);
        if (data.type === 'error') call?.reject(new Error(JSON.stringify(data.error)));
      };
      worker.postMessage({ type: 'hello', version: 1 });
    });
    const call: Caller = (name, input) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ type: 'request', id, call: name, input });
      });
    return { call, worker };
  }, `assets/${script}`);
  return {
    call: (name, input) =>
      handle.evaluate(({ call }, [callName, callInput]) => call(callName, callInput), [name, input] as const) as never,
    dispose: async () => {
      await handle.evaluate(({ worker }) => worker.terminate());
      await handle.dispose();
    },
  };
}
