import { cleanup, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach } from 'vitest';
import { StoresContext } from '../state/hooks.ts';
import type { Stores } from '../state/stores.ts';
import { makeStores } from './make-stores.ts';

afterEach(cleanup);

/** Renders a part of the page with stores in a fixed state and returns them for assertions. */
export function renderWithStores(node: ReactNode, stores: Stores = makeStores()): Stores {
  render(<StoresContext.Provider value={stores}>{node}</StoresContext.Provider>);
  return stores;
}
