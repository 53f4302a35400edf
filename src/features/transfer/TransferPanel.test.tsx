import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../core/eval/comparisons.ts';
import { compareCounted } from '../../core/eval/counted-comparison.ts';
import type { RegimeKey } from '../../core/recover/regime.ts';
import { DEFAULT_FIGURE_CHOICE } from '../../state/figure-choice.ts';
import type { LiveCell, RecordedTransfer, TransferPlace } from '../../state/transfer-state.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { TransferPanel } from './TransferPanel.tsx';

const estimate = (value: number) => ({ value, low: value - 0.02, high: value + 0.02, n: 8976 });

/** Tested over 2,000 subjects, so many better and so many worse under the first; the interval is invented. */
function compare(first: RegimeKey, second: RegimeKey, better: number, worse: number): Comparison {
  const side = (key: RegimeKey) => ({ key, exposure: 'held-out' }) as const;
  const value = (better - worse) / 8976;
  const interval = { low: value - 0.004, high: value + 0.004 };
  const counts = [worse, 2000 - better - worse, better];
  const [found] = compareCounted([
    { first: side(first), second: side(second), items: 8976, least: -1, counts, ...interval },
  ]);
  if (found === undefined) throw new Error('nothing is compared');
  return found;
}

const OWN = { type: 'pool-routed', from: 'magnitude-mild', to: 'magnitude-mild' } as const;
const AWAY = { from: 'magnitude-mild', to: 'rtn-severe' } as const;
const TRANSFER: RecordedTransfer = {
  device: 'CPU, PyTorch 1.13, float32',
  date: '2026-11-21T00:00:00Z',
  dense: estimate(0.98),
  compressed: new Map([
    ['magnitude-mild', estimate(0.87)],
    ['rtn-severe', estimate(0.43)],
  ]),
  cells: [
    { ...OWN, accuracy: estimate(0.895), gain: compare('idp', 'compressed', 300, 100) },
    { ...AWAY, type: 'pool-routed', accuracy: estimate(0.41), gain: compare('idp', 'compressed', 104, 100) },
    { ...AWAY, type: 'lora-r8', accuracy: estimate(0.55), gain: compare('lora-merged', 'compressed', 100, 300) },
  ],
  contrasts: [{ ...AWAY, comparison: compare('idp', 'lora-merged', 90, 400) }],
};
const ready = { status: 'ready', transfer: TRANSFER } as const;
const plain = (element: Element | null) => (element?.textContent ?? '').replaceAll('\u00a0', ' ');

const MEASURED = {
  accuracy: estimate(0.88),
  plain: estimate(0.86),
  gain: { ...compare('idp', 'compressed', 104, 100), isExploratory: true, adjustedP: null, isDecided: false },
};

describe('the transfer matrix', () => {
  it('opens as it was left: the kind of repair, and the cell that was looked into', () => {
    const view = { figures: { ...DEFAULT_FIGURE_CHOICE, transferType: 'lora-r8', transferRoute: AWAY } } as const;
    const stores = makeStores({ transfer: { recorded: ready }, view });
    renderWithStores(<TransferPanel />, stores);
    expect(screen.getByRole('radio', { name: 'LoRA-merged', checked: true })).toBeDefined();
    expect(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit: 55.0/, pressed: true })).toBeDefined();
    fireEvent.click(screen.getByRole('radio', { name: 'IDP' }));
    fireEvent.click(screen.getByRole('button', { name: /Magnitude 60 % on Magnitude 60 %/ }));
    expect(stores.view.getState().figures).toMatchObject({
      transferType: 'pool-routed',
      transferRoute: { from: 'magnitude-mild', to: 'magnitude-mild' },
    });
  });

  it('looks into no cell of a recipe that the pack has not', () => {
    const transferRoute = { from: 'magnitude-mild', to: 'of-another-pack' };
    const view = { figures: { ...DEFAULT_FIGURE_CHOICE, transferRoute } };
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: ready }, view }));
    expect(screen.queryByRole('button', { pressed: true })).toBeNull();
  });

  it('shows each kind of repair, by what it was trained for and what it meets', () => {
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: ready } }));
    expect(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit: 41.0/ })).toBeDefined();
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit: 55.0/ })).toBeDefined();
    expect(plain(screen.getByRole('table'))).toContain('no repair87.0 % [85.0, 89.0]43.0 % [41.0, 45.0]');
    expect(screen.getByRole('button', { name: /55.0.%\s?, 95 % interval \[53.0,.57.0\]/ })).toBeDefined();
  });

  it('marks the cells whose gain or loss is decided, in words too, and says how many there are', () => {
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: ready } }));
    const marked = screen.getByRole('button', {
      name: /Magnitude 60 % on Magnitude 60 %: .*, decided gain over no repair$/,
    });
    const undecided = screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit/ });
    expect(undecided.textContent).not.toContain('decided');
    expect([marked, undecided].map((cell) => cell.querySelectorAll('svg').length)).toEqual([1, 0]);
    expect(plain(document.body)).toMatch(/2 cells:.*gain decided in 1.*loss decided in 0.*undecided in 1/);
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(
      screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit: .*, decided loss over no repair$/ }),
    ).toBeDefined();
    expect(plain(document.body)).toContain('p after Holm over all 4 comparisons of the matrix');
    expect(plain(document.body)).not.toContain('tested against another');
  });

  it('says in words what the tests of the chosen cell came to', () => {
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: ready } }));
    fireEvent.click(screen.getByRole('button', { name: /Magnitude 60 % on Magnitude 60 %/ }));
    expect(plain(document.body)).toContain('+2.2 points against no repair [1.8, 2.6], p after Holm < 0.001, decided.');
    fireEvent.click(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit/ }));
    expect(plain(document.body)).toMatch(
      /±?\+?0.0 points against no repair .*, p after Holm 0.\d+, undecided; you would need about/,
    );
    expect(plain(document.body)).toContain(
      'IDP: −3.5 points against LoRA-merged [−3.9, −3.1], p after Holm < 0.001, decided.',
    );
  });

  it('measures the chosen cell, and shows what came of it beside the recorded value', () => {
    const asked: [TransferPlace, number][] = [];
    const place = { type: 'pool-routed', from: 'magnitude-mild', to: 'rtn-severe' } as const;
    const stores = makeStores({
      transfer: { recorded: ready, measure: (of, items) => asked.push([of, items]) },
    });
    renderWithStores(<TransferPanel />, stores);
    fireEvent.click(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit/ }));
    fireEvent.click(screen.getByRole('button', { name: 'Measure 200 questions here' }));
    expect(asked).toEqual([[place, 200]]);
  });

  it('says in its cell what is measured and what came of it, one stop of the Tab key for all', () => {
    const source = {
      kind: 'live',
      device: 'GPU',
      deviceKind: 'webgpu',
      isSoftware: false,
      date: '2026-11-21',
    } as const;
    const live = new Map<string, LiveCell>([
      ['pool-routed magnitude-mild rtn-severe', { status: 'running', done: 40, total: 200 }],
      ['pool-routed magnitude-mild magnitude-mild', { status: 'done', ...MEASURED, source }],
    ]);
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: ready, live } }));
    const first = screen.getByRole('button', { name: /Magnitude 60 % on Magnitude 60 %: 89.5.*, live 88.0/ });
    const running = screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit: 41.0.*, 40 of 200$/ });
    fireEvent.click(first);
    expect(plain(document.body)).toMatch(
      /Measured here: \+0.0 points against no repair .*, p 0.\d+, exploratory, unadjusted: decides nothing.*Without a repair 86.0 %/,
    );
    expect([first.tabIndex, running.tabIndex]).toEqual([0, -1]);
    first.focus();
    fireEvent.keyDown(first, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(running);
  });

  it('shades no gain where the intervals of dense and compressed touch: there may be no damage to bring back', () => {
    const near = new Map([...TRANSFER.compressed, ['magnitude-mild', estimate(0.945)] as const]);
    const transfer = { status: 'ready', transfer: { ...TRANSFER, compressed: near } } as const;
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: transfer } }));
    const gainOf = (name: RegExp) =>
      screen.getByRole('button', { name }).closest('td')?.style.getPropertyValue('--gain');
    expect(gainOf(/Magnitude 60 % on Magnitude 60 %/)).toBe('0');
    fireEvent.click(screen.getByRole('radio', { name: 'LoRA-merged' }));
    expect(Number(gainOf(/Magnitude 60 % on RTN 2 bit/))).toBeGreaterThan(0.2);
  });

  it('says that the model does not run yet', () => {
    const stores = makeStores({ transfer: { recorded: ready }, engine: { engine: { status: 'off' } } });
    renderWithStores(<TransferPanel />, stores);
    fireEvent.click(screen.getByRole('button', { name: /Magnitude 60 % on RTN 2 bit/ }));
    expect(screen.getByText('The model is not running yet.')).toBeDefined();
  });

  it('says so where the pack has none, and what is wrong with a damaged one', () => {
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: { status: 'none' } } }));
    expect(screen.getByText(/no transfer matrix/)).toBeDefined();
    const error = { code: 'pack-invalid' as const, message: 'Damaged at "cells".', details: {} };
    renderWithStores(<TransferPanel />, makeStores({ transfer: { recorded: { status: 'failed', error } } }));
    expect(screen.getByRole('alert').textContent).toContain('Damaged');
  });
});
