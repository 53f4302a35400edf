import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { createEngineClient } from './engine/engine-client.ts';
import { createBrowserPlatform } from './state/browser-platform.ts';
import { StoresContext } from './state/hooks.ts';
import { isFragment } from './state/link.ts';
import { createStores } from './state/stores.ts';
import './ui/tokens.css';
import './ui/base.css';

const stores = createStores({
  platform: createBrowserPlatform(),
  createClient: () => createEngineClient(),
  baseUrl: new URL('packs/atlas/', document.baseURI).href,
});

// A link put into the address of an open page changes the fragment only, which loads nothing by itself.
addEventListener('hashchange', () => {
  if (isFragment(location.hash)) location.reload();
});

const root = document.getElementById('root');
if (root) {
  // A transition is drawn in slices, between which the page answers.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <StoresContext.Provider value={stores}>
          <App />
        </StoresContext.Provider>
      </StrictMode>,
    ),
  );
}
