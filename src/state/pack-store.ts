import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, toAppError, toWireError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import { type PackManifest, SHAPES_ID, SWEEP_ID } from '../core/pack/manifest.ts';
import { parseManifest, toDocumentsPath } from '../core/pack/parse.ts';
import type { PackState } from './pack-state.ts';
import { parseRecorded } from './parse-recorded.ts';
import type { Platform } from './platform.ts';
import { waitUntil } from './wait-until.ts';

/** The pack that is on the page: its manifest, facts and recorded results, read without the model. */
export interface LivePack {
  store: StoreApi<PackState>;
  manifest(): PackManifest | null;
  /** Resolves with what the engine loads, once it is there; rejects where the manifest cannot be had. */
  whenReady(): Promise<{ baseUrl: string; manifest: PackManifest }>;
  /** Resolves with the manifest once it is there, however late: what only shows the pack leaves it to one place to say why it is not. */
  whenRead(): Promise<PackManifest>;
  /** A file that the manifest lists, checked; rejects with `pack-invalid` for any other. */
  readListed(path: string): Promise<Uint8Array>;
}

const NEVER = new AbortController().signal;

/** `baseUrl` is absolute and ends in a slash. */
export function createPackStore(
  baseUrl: string,
  { readFile, statistics }: Pick<Platform, 'readFile' | 'statistics'>,
): LivePack {
  let reading: Promise<void> | null = null;

  const store = createStore<PackState>(() => ({
    pack: { status: 'loading' },
    facts: { status: 'loading' },
    recorded: { status: 'loading' },
    baseUrl,
    loadPack: () => {
      reading ??= readAll().finally(() => {
        reading = null;
      });
      return reading;
    },
  }));

  async function readAll(): Promise<void> {
    const manifest = await readManifest();
    if (manifest === null) return;
    await Promise.all([readFacts(manifest), readRecorded(manifest)]);
  }

  async function readManifest(): Promise<PackManifest | null> {
    const { pack } = store.getState();
    if (pack.status === 'ready') return pack.manifest;
    store.setState({ pack: { status: 'loading' } });
    try {
      const bytes = await readFile(`${baseUrl}manifest.json`, null);
      const manifest = parseManifest(parseJson(bytes, 'manifest.json', 'pack-invalid'));
      const model = manifest.files.filter(({ path }) => path.startsWith(`${manifest.checkpoint.path}/`));
      store.setState({
        pack: { status: 'ready', manifest, modelBytes: sumBytes(model), totalBytes: sumBytes(manifest.files) },
      });
      return manifest;
    } catch (error) {
      const failed = { status: 'failed', error: toWireError(error) } as const;
      store.setState({ pack: failed, facts: failed, recorded: failed });
      return null;
    }
  }

  async function readFacts(manifest: PackManifest): Promise<void> {
    if (store.getState().facts.status === 'ready') return;
    store.setState({ facts: { status: 'loading' } });
    try {
      const task = manifest.tasks[0];
      if (task === undefined) throw new AppError('pack-invalid', 'The pack has no task, so there is nothing to ask.');
      const [config, documents] = await Promise.all([
        readListed(manifest, task.config),
        readListed(manifest, toDocumentsPath(task.config)),
      ]);
      const { facts, relations } = await statistics.compute('parseTask', config, documents);
      store.setState({ facts: { status: 'ready', facts, relations } });
    } catch (error) {
      store.setState({ facts: { status: 'failed', error: toWireError(error) } });
    }
  }

  async function readRecorded(manifest: PackManifest): Promise<void> {
    if (store.getState().recorded.status === 'ready') return;
    store.setState({ recorded: { status: 'loading' } });
    try {
      const sets = await Promise.all(
        manifest.recorded
          .filter(({ id }) => id !== SWEEP_ID && id !== SHAPES_ID)
          .map(async ({ path }) => parseRecorded(await readListed(manifest, path), path)),
      );
      store.setState({ recorded: { status: 'ready', sets } });
    } catch (error) {
      store.setState({ recorded: { status: 'failed', error: toWireError(error) } });
    }
  }

  function readListed(manifest: PackManifest, path: string): Promise<Uint8Array> {
    const file = manifest.files.find((each) => each.path === path);
    if (file === undefined) {
      throw new AppError('pack-invalid', `The pack's manifest does not list ${path}. Tell the site's owner.`, { path });
    }
    return readFile(`${baseUrl}${path.split('/').map(encodeURIComponent).join('/')}`, file);
  }

  return {
    store,
    manifest: () => {
      const { pack } = store.getState();
      return pack.status === 'ready' ? pack.manifest : null;
    },
    readListed: async (path) => {
      const { pack } = store.getState();
      if (pack.status !== 'ready') throw new AppError('input-invalid', 'The pack is not read yet. Wait a moment.');
      return readListed(pack.manifest, path);
    },
    whenRead: () =>
      waitUntil([store], NEVER, () => {
        const { pack } = store.getState();
        return pack.status === 'ready' ? pack.manifest : null;
      }),
    whenReady: async () => {
      void store.getState().loadPack();
      return waitUntil([store], NEVER, () => {
        const { pack } = store.getState();
        if (pack.status === 'failed') throw toAppError(pack.error);
        return pack.status === 'ready' ? { baseUrl, manifest: pack.manifest } : null;
      });
    },
  };
}

function sumBytes(files: PackManifest['files']): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
