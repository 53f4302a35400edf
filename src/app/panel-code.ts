import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { AppError } from '../core/errors.ts';

/** Fetches the code of a panel; a constant, by which what came is kept. */
export type LoadPanel = () => Promise<ComponentType>;

/** One attempt to fetch a panel's code; the next one has another number. */
export interface PanelCode {
  attempt: number;
  Content: LazyExoticComponent<ComponentType>;
}

/** Kept while panels come and go: what was fetched once is drawn without a gap. */
const known = new Map<LoadPanel, PanelCode>();
const listeners = new Set<() => void>();

/** The code of a panel, fetched where it was not yet; `name` is what a person reads of it. */
export function readPanel(name: string, load: LoadPanel): PanelCode {
  return known.get(load) ?? fetchPanel(name, load);
}

/** Fetches the code of a panel once more, and tells whoever draws it. */
export function refetchPanel(name: string, load: LoadPanel): void {
  fetchPanel(name, load);
  for (const listener of listeners) listener();
}

/** Told when a panel's code is fetched anew; returns the way to unsubscribe. */
export function onRefetch(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function fetchPanel(name: string, load: LoadPanel): PanelCode {
  let isLacking = false;
  let isBack = false;
  // Heard here and not where it is drawn: React may draw the failure after the connection came back.
  const onOnline = () => {
    if (isLacking && known.get(load) === code) refetchPanel(name, load);
    isBack = true;
  };
  const read = async () => {
    addEventListener('online', onOnline, { once: true });
    try {
      const panel = await load().catch((error: unknown) => (isBack ? load() : Promise.reject(error)));
      removeEventListener('online', onOnline);
      return { default: panel };
    } catch (error) {
      isLacking = true;
      const text = `The panel "${name}" could not be fetched (are you offline?). The rest of the page works on. Check the connection and try again.`;
      throw new AppError('download-failed', text, { raw: String(error) }, error);
    }
  };
  const code: PanelCode = { attempt: (known.get(load)?.attempt ?? 0) + 1, Content: lazy(read) };
  known.set(load, code);
  return code;
}
