import { createStore, type StoreApi } from 'zustand/vanilla';
import { toWireError } from '../core/errors.ts';
import type { ExportFormat } from '../core/export/folder.ts';
import type { LoadProgress } from '../engine/protocol.ts';
import type { LiveEngine } from './engine-store.ts';
import type { ExportPhase, ExportState } from './export-state.ts';
import type { LivePack } from './pack-store.ts';
import type { LiveRecipe } from './recipe-store.ts';

export interface ExportStoreOptions {
  engine: LiveEngine;
  recipe: LiveRecipe;
  pack: Pick<LivePack, 'manifest'>;
}

/** Takes the variant that runs away as files, made in the worker. */
export function createExportStore({ engine, recipe, pack }: ExportStoreOptions): StoreApi<ExportState> {
  let measuring = new AbortController();
  let writing = new AbortController();

  const store = createStore<ExportState>(() => ({
    sizes: null,
    phase: { status: 'idle' },
    measure: () => {
      measuring.abort();
      measuring = new AbortController();
      store.setState({ sizes: null });
      void measure(measuring.signal);
    },
    write: (format) => {
      writing.abort();
      writing = new AbortController();
      return write(format, writing.signal);
    },
    stop: () => writing.abort(),
  }));

  async function measure(signal: AbortSignal): Promise<void> {
    const { applied } = recipe.store.getState();
    if (applied === null) return;
    try {
      const { sizes } = await engine.call('measureExports', { recipe: applied }, { signal });
      if (!signal.aborted) store.setState({ sizes });
    } catch {
      // Without sizes there is no button; what is wrong with the engine is told where it runs.
    }
  }

  async function write(format: ExportFormat, signal: AbortSignal) {
    const show = (phase: ExportPhase) => {
      if (writing.signal === signal) store.setState({ phase });
    };
    const onEvent = ({ loadedBytes, totalBytes, label }: LoadProgress) =>
      show({ status: 'writing', format, share: totalBytes === 0 ? null : loadedBytes / totalBytes, file: label });
    show({ status: 'writing', format, share: null, file: '' });
    try {
      const made = await recipe.whenApplied(signal);
      const { presetId } = recipe.store.getState();
      const name = `${pack.manifest()?.id ?? 'model'}-${presetId ?? 'own-recipe'}-${format}`;
      const { zip } = await engine.call('exportModel', { recipe: made, format, name }, { signal, onEvent });
      show({ status: 'idle' });
      return { name: `${name}.zip`, zip };
    } catch (error) {
      show(signal.aborted ? { status: 'idle' } : { status: 'failed', error: toWireError(error) });
      return null;
    }
  }

  recipe.store.subscribe(({ applied, variant }, previous) => {
    if (applied === previous.applied && variant.status === previous.variant.status) return;
    measuring.abort();
    store.setState({ sizes: null });
  });
  return store;
}
