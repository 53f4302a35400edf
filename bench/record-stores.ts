import type { StoreApi } from 'zustand/vanilla';
import { toAppError } from '../src/core/errors.ts';
import type { PackManifest } from '../src/core/pack/manifest.ts';
import { createEngineClient } from '../src/engine/engine-client.ts';
import type { EngineClient } from '../src/engine/engine-client-type.ts';
import { createBrowserPlatform } from '../src/state/browser-platform.ts';
import type { Run } from '../src/state/evaluate-state.ts';
import { createMemoryResults, createMemoryTexts } from '../src/state/memory-storage.ts';
import type { ResultStorage } from '../src/state/platform.ts';
import type { ResultSource } from '../src/state/results.ts';
import { createStores, type Stores } from '../src/state/stores.ts';
import { waitUntil } from '../src/state/wait-until.ts';

const NEVER = new AbortController().signal;

interface StartOptions {
  createClient?: () => EngineClient;
  /** In memory unless said: what was measured before is not read, so that all of a recording is of one day. */
  results?: ResultStorage;
}

/** The page's own stores, the model running on wasm. */
export async function startStores({
  createClient = () => createEngineClient(),
  results = createMemoryResults(),
}: StartOptions = {}): Promise<{ stores: Stores; manifest: PackManifest }> {
  const platform = { ...createBrowserPlatform(), texts: createMemoryTexts(), results };
  const baseUrl = new URL('../packs/atlas/', document.baseURI).href;
  const stores = createStores({ platform, createClient, baseUrl });
  await stores.pack.getState().loadPack();
  const { pack, facts } = stores.pack.getState();
  if (pack.status === 'failed') throw toAppError(pack.error);
  if (facts.status === 'failed') throw toAppError(facts.error);
  if (pack.status !== 'ready') throw new Error('The pack was not read.');
  stores.engine.getState().runLive('wasm');
  await waitUntil([stores.engine], NEVER, () => {
    const { engine } = stores.engine.getState();
    if (engine.status === 'failed') throw toAppError(engine.error);
    return engine.status === 'ready' ? true : null;
  });
  return { stores, manifest: pack.manifest };
}

/** Resolves once a run is done, and tells every tenth of it; rejects where it ends otherwise. */
export async function whenRunDone(
  store: Pick<StoreApi<unknown>, 'subscribe'>,
  look: () => { run: Run; label: string },
): Promise<void> {
  let told = -1;
  await waitUntil([store], NEVER, () => {
    const { run, label } = look();
    switch (run.status) {
      case 'running': {
        const percent = run.total > 0 ? Math.floor((100 * run.done) / run.total) : 0;
        if (percent >= told + 10) {
          told = percent;
          console.log(`${label}: ${run.done} of ${run.total}`);
        }
        return null;
      }
      case 'done':
        return true;
      case 'failed':
        throw toAppError(run.error);
      case 'idle':
      case 'paused':
      case 'stopped':
        throw new Error(`The run ended as ${run.status}.`);
      default:
        return run satisfies never;
    }
  });
}

/** Who recorded: the device, with text that names the machine behind its name. */
export function toRecordedSource(source: ResultSource, machine: string): ResultSource {
  const [device = '', ...runtime] = source.device.split(', ');
  return { ...source, kind: 'recorded', device: [device, machine, ...runtime].join(', ') };
}
