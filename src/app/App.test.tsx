import { readFileSync } from 'node:fs';
import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { makeStores } from '../testing/make-stores.ts';
import { renderWithStores } from '../testing/render-with-stores.tsx';
import { App } from './App.tsx';

describe('the page', () => {
  it('meets a visitor with the switch as its first control, recorded results and one button to run live', () => {
    const loadPack = vi.fn(async () => undefined);
    renderWithStores(
      <App />,
      makeStores({
        engine: { engine: { status: 'off' } },
        recipe: { variant: { status: 'none' } },
        pack: { loadPack },
      }),
    );
    const first = document.querySelector('input, button, a[href], select, textarea');
    expect(first?.getAttribute('value')).toBe('idp');
    expect(screen.getAllByText('recorded on CPU (wasm), 20 Nov 2026')).toHaveLength(3);
    expect(screen.getByRole('button', { name: 'Run live on your GPU' })).toBeDefined();
    expect(screen.queryByText(/^measured here/)).toBeNull();
    expect(loadPack).toHaveBeenCalledOnce();
  });

  it('stands under the words that index.html paints before any script', () => {
    const html = readFileSync('index.html', 'utf8');
    const painted = html
      .slice(html.indexOf('<div id="root">'), html.indexOf('<noscript>'))
      .replace(/<[^>]+>|\s+/g, ' ');
    renderWithStores(<App />, makeStores({ engine: { engine: { status: 'off' } } }));
    const lead = screen.getByText(/^A language model is compressed/);
    for (const text of [screen.getByRole('heading', { level: 1 }).textContent, lead.textContent]) {
      expect(painted.replace(/ +/g, ' ')).toContain(text);
    }
  });

  it('moves the highlighted column and the emphasis of the charts with the switch', () => {
    renderWithStores(<App />);
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(screen.getByRole('heading', { level: 3, name: /LoRA-merged.*highlighted/ })).toBeDefined();
    const charts = screen.getByRole('region', { name: 'Accuracy and latency' });
    expect(charts.style.getPropertyValue('--highlight-soft')).toBe('var(--lora-merged-soft)');
  });

  it('puts theme and text size on the document', () => {
    renderWithStores(<App />);
    fireEvent.click(screen.getByRole('button', { name: 'A+ Large type' }));
    expect(document.documentElement.dataset.type).toBe('large');
    fireEvent.click(screen.getByRole('button', { name: 'Dark theme' }));
    expect(document.documentElement.dataset.theme).toBe('dark');
  });

  it('shows notices until they are dismissed', () => {
    renderWithStores(<App />, makeStores({ notices: { notices: [{ id: 'n', text: 'Storage is full.' }] } }));
    expect(screen.getByText('Storage is full.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Dismiss' }));
    expect(screen.queryByText('Storage is full.')).toBeNull();
  });
});
