import { fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeEstimate } from '../../testing/make-results.ts';
import { makeStores } from '../../testing/make-stores.ts';
import { makePoint, makeSweepResults } from '../../testing/make-sweep.ts';
import { renderWithStores } from '../../testing/render-with-stores.tsx';
import { SweepPanel } from './SweepPanel.tsx';

const plain = (text: string | null | undefined) => (text ?? '').replaceAll('\u00a0', ' ');

const recorded = makeSweepResults('recorded');

/** happy-dom lays nothing out: every element is said to have a plot's size. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 400, 256));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the sweep', () => {
  it('shows what was recorded at first sight, and says so in every figure', () => {
    renderWithStores(<SweepPanel />, makeStores({ engine: { engine: { status: 'off' } }, sweep: { recorded } }));
    expect(screen.getAllByText('recorded on CPU (wasm), 20 Nov 2026')).toHaveLength(3);
    expect(screen.queryByText(/^measured here/)).toBeNull();
  });

  it('replaces recorded points by live ones one by one, and tells the two apart', () => {
    const live = makeSweepResults('live', {
      points: [makePoint('magnitude', 0.5, 'compressed', { accuracy: makeEstimate(0.25, 0.02, 50) })],
      sensitivity: null,
    });
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded, live } }));
    const plot = screen.getByRole('figure', { name: 'Magnitude' });
    const names = within(plot)
      .getAllByRole('button')
      .map((button) => plain(button.getAttribute('aria-label')));
    expect(names.filter((name) => name.startsWith('Compressed, Magnitude 50 %'))).toEqual([
      expect.stringMatching(/: 25\.0 %, 95 % interval 23\.0 % to 27\.0 %, 50 items, .*, measured here$/),
    ]);
    expect(names.find((name) => name.startsWith('Compressed, Magnitude 60 %'))).toMatch(/, recorded$/);
    const figure = screen.getByRole('figure', { name: 'Damage by level' });
    expect(plain(figure.textContent)).toContain('Outlined marks are recorded, filled ones measured here.');
    expect(within(figure).getByText('measured here on Test adapter (WebGPU), 21 Nov 2026')).toBeDefined();
    expect(within(figure).getByText('recorded on CPU (wasm), 20 Nov 2026')).toBeDefined();
  });

  it('draws one plot per method that has points, by the measure that was chosen', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    expect(screen.getByRole('figure', { name: 'Magnitude' })).toBeDefined();
    expect(screen.getByRole('figure', { name: 'RTN' })).toBeDefined();
    expect(screen.queryByRole('figure', { name: 'Wanda' })).toBeNull();
    fireEvent.click(screen.getByRole('radio', { name: 'Perplexity' }));
    const plot = screen.getByRole('figure', { name: 'RTN' });
    expect(plain(within(plot).getByRole('button').getAttribute('aria-label'))).toMatch(/^Compressed, RTN 2 bit: 3,/);
  });

  it('reads out a point that the keyboard reaches, one stop of the Tab key per plot', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const buttons = within(screen.getByRole('figure', { name: 'Magnitude' })).getAllByRole('button');
    expect(buttons.filter((button) => button.tabIndex === 0)).toHaveLength(1);
    buttons[0]?.focus();
    fireEvent.keyDown(document.activeElement ?? document.body, { key: 'ArrowRight' });
    expect(document.activeElement?.getAttribute('aria-label')).toContain('Compressed, Magnitude 60 %');
  });

  it('counts what the plan means, and changes with its chips', () => {
    const setPlan = vi.fn();
    const plan = {
      methods: [{ method: 'rtn', levels: [2, 3] } as const],
      regimes: ['idp'] as const,
      itemsPerRegime: 200,
    };
    renderWithStores(<SweepPanel />, makeStores({ sweep: { plan, setPlan } }));
    expect(screen.getByRole('button', { name: 'Run this sweep: 3 measurements' })).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: /^RTN 3.bit$/ }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, methods: [{ method: 'rtn', levels: [2] }] });
    fireEvent.click(screen.getByRole('button', { name: /^Magnitude 50.%$/ }));
    expect(setPlan).toHaveBeenLastCalledWith({
      ...plan,
      methods: [
        { method: 'magnitude', levels: [0.5] },
        { method: 'rtn', levels: [2, 3] },
      ],
    });
    fireEvent.click(screen.getByRole('button', { name: 'Compressed' }));
    expect(setPlan).toHaveBeenLastCalledWith({ ...plan, regimes: ['compressed', 'idp'] });
  });

  it('cannot be run before the model is there, nor without a level', () => {
    renderWithStores(<SweepPanel />, makeStores({ engine: { engine: { status: 'off' } } }));
    expect(screen.getByRole('button', { name: /^Run this sweep/ }).hasAttribute('disabled')).toBe(true);
    expect(screen.getAllByText(/run it live first/)).toHaveLength(2);
  });

  it('says what is measured right now, and stops', () => {
    const stop = vi.fn();
    renderWithStores(
      <SweepPanel />,
      makeStores({
        sweep: { run: { status: 'running', done: 12, total: 160, nowKey: 'idp' }, now: 'Wanda 50 %, IDP', stop },
      }),
    );
    expect(screen.getByText('Wanda 50 %, IDP')).toBeDefined();
    expect(screen.getByText(/^12 of 160/)).toBeDefined();
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('says what was kept after Stop, what failed and what was left out', () => {
    const error = { code: 'limit-exceeded', message: 'The device has no memory left.', details: {} } as const;
    renderWithStores(
      <SweepPanel />,
      makeStores({
        sweep: { run: { status: 'stopped', done: 12, total: 160 }, leftOut: [{ label: 'GPTQ 3 bit', error }] },
      }),
    );
    expect(screen.getByText(/^Stopped after 12 of 160/)).toBeDefined();
    expect(screen.getByText('GPTQ 3 bit: The device has no memory left.')).toBeDefined();
  });

  it('invites to run where nothing was swept', () => {
    renderWithStores(<SweepPanel />, makeStores());
    expect(screen.getByText(/^Nothing was swept yet/)).toBeDefined();
    expect(screen.getByText('No matrix was compressed alone yet.')).toBeDefined();
  });
});

describe('the sensitivity map', () => {
  it('prints every value in its cell, the whole layer behind the matrices, shaded by the harm of single ones', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const map = within(screen.getByRole('figure', { name: 'Sensitivity, layer by matrix' })).getByRole('table');
    expect(
      within(map)
        .getAllByRole('columnheader')
        .map(({ textContent }) => textContent),
    ).toEqual(['up_proj', 'all seven']);
    const cells = within(map)
      .getAllByRole('cell')
      .filter(({ textContent }) => textContent !== '');
    expect(cells.map(({ textContent, dataset }) => [textContent, dataset.step])).toEqual([
      ['0.10', '5'],
      ['0.40', '5'],
      ['0.0020', '0'],
      ['0.30', '5'],
    ]);
  });

  it('has an interval for every cell, and arrow keys go from one to the next', () => {
    renderWithStores(<SweepPanel />, makeStores({ sweep: { recorded } }));
    const first = screen.getByRole('button', { name: /^Layer 0, up_proj/ });
    expect(plain(first.getAttribute('aria-label'))).toBe(
      'Layer 0, up_proj: 0.10 nat, 95 % interval 0.090 nat to 0.11 nat, 200 items',
    );
    first.focus();
    fireEvent.keyDown(first, { key: 'ArrowDown' });
    expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Layer 1, up_proj/);
  });
});
