import { createEngineClient } from '../engine/engine-client.ts';
import { createBrowserPlatform } from './browser-platform.ts';
import { isFragment } from './link.ts';
import { createStores, type Stores } from './stores.ts';

/** The stores of the page in this browser, for the pack that is served beside it. */
export function createPageStores(): Stores {
  // A link put into the address of an open page changes the fragment only, which loads nothing by itself.
  addEventListener('hashchange', () => {
    if (isFragment(location.hash)) location.reload();
  });
  return createStores({
    platform: createBrowserPlatform(),
    createClient: () => createEngineClient(),
    baseUrl: new URL('packs/atlas/', document.baseURI).href,
  });
}
