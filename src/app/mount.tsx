import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { StoresContext } from '../state/hooks.ts';
import type { Stores } from '../state/stores.ts';
import { App } from './App.tsx';
import { KeptFigureViews } from './KeptFigureViews.tsx';

/** Draws the page into an element, in place of what it holds. */
export function mount(root: HTMLElement, stores: Stores): void {
  // A transition is drawn in slices, between which the page answers.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <StoresContext.Provider value={stores}>
          <KeptFigureViews>
            <App />
          </KeptFigureViews>
        </StoresContext.Provider>
      </StrictMode>,
    ),
  );
}
