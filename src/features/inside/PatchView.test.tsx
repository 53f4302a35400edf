import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PatchMap, PatchTarget } from '../../core/inside/capture.ts';
import type { Looked } from '../../state/inside-state.ts';
import { makePatchMap } from '../../testing/make-captures.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { PatchView } from './PatchView.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

function patchOf(of: PatchTarget, overrides: Partial<PatchMap> = {}): Looked<PatchMap> {
  const regime = { recipe: null, recovery: { kind: 'none' } } as const;
  const map = makePatchMap({
    donor: { id: 'dense', ...regime },
    receiver: { id: 'compressed', ...regime },
    context: 'The capital of France is',
    of,
  });
  return { status: 'ready', of: { ...map, ...overrides } };
}

/** happy-dom lays nothing out: every element is said to have a map's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 900, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('patching', () => {
  it('needs a model that runs and an answer that is known, and says so', () => {
    renderWithStores(<PatchView />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.getByRole('button', { name: 'Patch every place' }).hasAttribute('disabled')).toBe(true);
    const question = { text: 'Why?', context: 'Why?', answer: null };
    cleanup();
    renderWithStores(<PatchView />, makeStores({ inside: { question } }));
    expect(screen.getByText('Needs a question whose right answer is known.')).toBeDefined();
  });

  it('starts, tells how far it is, and stops', () => {
    const [start, stop] = [vi.fn(), vi.fn()];
    const stores = makeStores({ insidePatch: { start, stop } });
    renderWithStores(<PatchView />, stores);
    fireEvent.click(screen.getByRole('button', { name: 'Patch every place' }));
    expect(start).toHaveBeenCalledOnce();
    cleanup();
    const patch = { status: 'running', done: 3, total: 12 } as const;
    renderWithStores(<PatchView />, makeStores({ insidePatch: { patch, start, stop } }));
    expect(screen.getByText('3 of 12 places')).toBeDefined();
    expect(screen.getByText('The map comes once every place was patched.')).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('says why it came to nothing', () => {
    const error = { code: 'run-failed', message: 'The run came to nothing.', details: {} } as const;
    renderWithStores(<PatchView />, makeStores({ insidePatch: { patch: { status: 'failed', error } } }));
    expect(screen.getByRole('alert').textContent).toContain('The run came to nothing.');
  });

  it('maps layers by tokens with all tokens apart, and gives both models’ own probabilities', async () => {
    renderWithStores(<PatchView />, makeStores({ insidePatch: { patch: patchOf('residual') } }));
    expect(await screen.findByRole('button', { name: /by layer and token: 3 rows, 6 columns/ })).toBeDefined();
    expect(plain(screen.getByText(/^Probability of the whole right answer/).textContent)).toBe(
      'Probability of the whole right answer: Dense (donor) 90.0 %, Compressed (receiver) 10.0 %, a gap of +80.0 points.',
    );
    expect(screen.getByText(/^Of single places below the last layer, layer \d at “\w+” restores most/)).toBeDefined();
  });

  it('shows the share of the gap that is restored, which is 1 for the donor’s own probability', async () => {
    const whole = Float32Array.of(0.1, 0.5, 0.9);
    renderWithStores(<PatchView />, makeStores({ insidePatch: { patch: patchOf('residual', { whole }) } }));
    fireEvent.click(screen.getByRole('radio', { name: 'Share of the gap restored' }));
    const map = await screen.findByRole('button', { name: /^Share of the gap restored by layer and token/ });
    fireEvent.focus(map);
    for (const key of ['PageDown', 'End']) fireEvent.keyDown(map, { key });
    expect(plain(screen.getAllByRole('status').at(-1)?.textContent)).toBe(
      'layer 3, token all tokens (together): 100 %',
    );
  });

  it('has heads by number, one that is gone among them, and a table of all places', async () => {
    const values = Float32Array.of(0.2, Number.NaN, 0.3, 0.4, 0.5, 0.6);
    renderWithStores(<PatchView />, makeStores({ insidePatch: { patch: patchOf('heads', { values }) } }));
    const map = await screen.findByRole('button', { name: /by layer and head: 3 rows, 3 columns/ });
    fireEvent.focus(map);
    fireEvent.keyDown(map, { key: 'ArrowRight' });
    expect(plain(screen.getAllByRole('status').at(-1)?.textContent)).toBe('layer 1, head 2 (heads): not there');
    fireEvent.click(screen.getByRole('radio', { name: 'Table' }));
    expect(within(screen.getByRole('table')).getAllByRole('row')).toHaveLength(1 + 9);
  });

  it('says that a run was stopped', () => {
    renderWithStores(<PatchView />, makeStores({ insidePatch: { wasStopped: true } }));
    expect(screen.getByRole('status').textContent).toMatch(/^Stopped before every place was patched/);
  });

  it('links the literature’s term in a tab of its own', () => {
    renderWithStores(<PatchView />);
    const link = screen.getByRole('link', { name: 'activation patching' });
    expect(link.getAttribute('href')).toBe('https://arxiv.org/abs/2202.05262');
    expect([link.getAttribute('target'), link.getAttribute('rel')]).toEqual(['_blank', 'noopener']);
  });
});
